package dev.reverb.server.channel;

import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.protocol.JsonWriter;
import dev.reverb.server.protocol.PresenceMember;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The members of one presence channel as this node knows them: a set of (node, user) pairs, seen by clients as users. A
 * user is a member from its first pair to its last, so whatever order changes of other nodes arrive in, nobody is
 * announced twice. Pure; the channel's lock guards it.
 */
final class PresenceView {

    private static final class User {
        final PresenceMember member;
        int connections;
        @Nullable
        Set<String> nodes;

        User(PresenceMember member) {
            this.member = member;
        }

        boolean gone() {
            return connections == 0 && (nodes == null || nodes.isEmpty());
        }
    }

    /**
     * What a change means.
     *
     * @param visible the user became a member, or ceased to be one
     * @param node it was this node's first, or last, connection of that user
     * @param member as clients know it
     */
    record Change(boolean visible, boolean node, PresenceMember member) {}

    private final Map<String, User> users = new LinkedHashMap<>();
    /** Members from which on what was rendered is kept: less is rendered anew in no time. */
    static final int KEPT = 32;

    /** What was rendered of the users, in their order; null after one of them left. */
    private @Nullable JsonWriter ids;
    private @Nullable JsonWriter hash;
    private byte @Nullable [] snapshot;

    int size() {
        return users.size();
    }

    boolean contains(String userId) {
        return users.containsKey(userId);
    }

    /** Whether a connection to this node is the user's. */
    boolean isHere(String userId) {
        User user = users.get(userId);
        return user != null && user.connections > 0;
    }

    Set<String> ids() {
        return Set.copyOf(users.keySet());
    }

    /** Ids of all members as JSON, as they were signed. */
    List<byte[]> signedIds() {
        List<byte[]> ids = new ArrayList<>(users.size());
        users.values().forEach(user -> ids.add(user.member.rawUserId()));
        return ids;
    }

    /** A connection to this node joined. */
    Change join(PresenceMember member) {
        User user = users.get(member.userId());
        boolean visible = user == null;
        if (user == null) {
            user = new User(member);
            add(user);
        }
        user.connections++;
        return new Change(visible, user.connections == 1, user.member);
    }

    /** A connection to this node left. */
    Change leave(String userId) {
        User user = users.get(userId);
        if (user == null || user.connections == 0) {
            throw new IllegalStateException("no connection of " + userId + " is a member");
        }
        user.connections--;
        if (user.gone()) {
            users.remove(userId);
            forgetRendered();
        }
        return new Change(user.gone(), user.connections == 0, user.member);
    }

    /** Another node has the user; the member when it became visible, else null. */
    @Nullable
    PresenceMember joinOn(Member remote) {
        User user = users.get(remote.userId());
        boolean visible = user == null;
        if (user == null) {
            PresenceMember member = PresenceMember.parse(remote.channelData());
            if (member == null) {
                return null;
            }
            user = new User(member);
            add(user);
        }
        if (user.nodes == null) {
            user.nodes = new HashSet<>(2);
        }
        user.nodes.add(remote.node());
        return visible ? user.member : null;
    }

    /** Another node no longer has the user; the member when it ceased to be visible, else null. */
    @Nullable
    PresenceMember leaveOn(String node, String userId) {
        User user = users.get(userId);
        if (user == null || user.nodes == null || !user.nodes.remove(node) || !user.gone()) {
            return null;
        }
        users.remove(userId);
        forgetRendered();
        return user.member;
    }

    /** What other nodes have is exactly {@code remote}; adds who became visible and who ceased to be to the lists. */
    void resync(List<Member> remote, List<PresenceMember> added, List<PresenceMember> removed) {
        Map<String, Set<String>> truth = new HashMap<>();
        for (Member member : remote) {
            truth.computeIfAbsent(member.userId(), id -> new HashSet<>(2)).add(member.node());
        }
        for (Iterator<Map.Entry<String, User>> all = users.entrySet().iterator(); all.hasNext();) {
            Map.Entry<String, User> entry = all.next();
            User user = entry.getValue();
            user.nodes = truth.get(entry.getKey());
            if (user.gone()) {
                removed.add(user.member);
                all.remove();
                forgetRendered();
            }
        }
        for (Member member : remote) {
            PresenceMember visible = joinOn(member);
            if (visible != null) {
                added.add(visible);
            }
        }
    }

    /**
     * The data of {@code subscription_succeeded}: {@code {"presence":{"count":2,"ids":[...],"hash":{...}}}}. Rendered
     * once for each change; after a join, what was rendered before is copied, as joins come in storms.
     */
    byte[] snapshot() {
        byte[] known = snapshot;
        if (known == null) {
            if (ids == null || hash == null) {
                ids = new JsonWriter(64 + users.size() * 16);
                hash = new JsonWriter(64 + users.size() * 48);
                boolean first = true;
                for (User user : users.values()) {
                    render(user.member, first, ids, hash);
                    first = false;
                }
            }
            byte[] allIds = ids.toBytes();
            byte[] allInfos = hash.toBytes();
            known = new JsonWriter(64 + allIds.length + allInfos.length)
                    .ascii("{\"presence\":{\"count\":" + users.size() + ",\"ids\":[")
                    .raw(allIds)
                    .ascii("],\"hash\":{")
                    .raw(allInfos)
                    .ascii("}}}")
                    .toBytes();
            snapshot = known;
            if (users.size() < KEPT) {
                forgetRendered();
            }
        }
        return known;
    }

    private static void render(PresenceMember member, boolean first, JsonWriter ids, JsonWriter hash) {
        ids.ascii(first ? "" : ",").raw(member.rawUserId());
        hash.ascii(first ? "" : ",").string(member.userId()).ascii(":").raw(member.rawInfo());
    }

    /** {@code user} is the last one in the order now. */
    private void add(User user) {
        if (ids != null && hash != null) {
            render(user.member, users.isEmpty(), ids, hash);
        }
        users.put(user.member.userId(), user);
        snapshot = null;
    }

    private void forgetRendered() {
        ids = null;
        hash = null;
        snapshot = null;
    }
}
