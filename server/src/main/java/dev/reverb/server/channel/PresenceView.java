package dev.reverb.server.channel;

import dev.reverb.server.cluster.Member;
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
 * user is a member from its first pair to its last, so whatever order nodes hear of each other in, nobody is announced
 * twice. Pure; the channel's lock guards it.
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

    int size() {
        return users.size();
    }

    boolean contains(String userId) {
        return users.containsKey(userId);
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
            users.put(member.userId(), user);
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
            users.put(remote.userId(), user);
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
            }
        }
        for (Member member : remote) {
            PresenceMember visible = joinOn(member);
            if (visible != null) {
                added.add(visible);
            }
        }
    }

    /** The data of {@code subscription_succeeded}: {@code {"presence":{"count":…,"ids":[…],"hash":{…}}}}. */
    byte[] snapshot() {
        JsonWriter writer = new JsonWriter(64 + users.size() * 64);
        writer.ascii("{\"presence\":{\"count\":" + users.size() + ",\"ids\":[");
        List<User> all = new ArrayList<>(users.values());
        for (int i = 0; i < all.size(); i++) {
            if (i > 0) {
                writer.ascii(",");
            }
            writer.raw(all.get(i).member.rawUserId());
        }
        writer.ascii("],\"hash\":{");
        for (int i = 0; i < all.size(); i++) {
            if (i > 0) {
                writer.ascii(",");
            }
            writer.string(all.get(i).member.userId()).ascii(":").raw(all.get(i).member.rawInfo());
        }
        return writer.ascii("}}}").toBytes();
    }
}
