package dev.reverb.server.channel;

import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.protocol.JsonWriter;
import dev.reverb.server.protocol.Messages;
import dev.reverb.server.protocol.PresenceMember;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
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
        /** As greetings list it; null until one does. */
        @Nullable
        Listed listed;

        User(PresenceMember member) {
            this.member = member;
        }

        boolean gone() {
            return connections == 0 && (nodes == null || nodes.isEmpty());
        }
    }

    /** A member's part of {@code ids} and of {@code hash}, as they stand within the JSON string of a greeting. */
    private record Listed(byte[] id, byte[] entry) {

        static Listed of(PresenceMember member) {
            byte[] entry = new JsonWriter(16 + member.userId().length() * 6 + member.rawInfo().length)
                    .string(member.userId())
                    .ascii(":")
                    .raw(member.rawInfo())
                    .toBytes();
            return new Listed(new JsonWriter(member.rawUserId().length + 8).escaped(member.rawUserId()).toBytes(),
                    new JsonWriter(entry.length * 5 / 4).escaped(entry).toBytes());
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

    private byte @Nullable [] greeting;

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
            greeting = null;
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
        greeting = null;
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
                greeting = null;
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
     * The message {@code subscription_succeeded} of {@code channel}, with the data
     * {@code {"presence":{"count":2,"ids":[...],"hash":{...}}}}. Made once for each change, so that all who join behind
     * it have the same bytes; of a member that was listed before its bytes are copied, as changes come in storms.
     */
    byte[] greeting(String channel) {
        byte[] known = greeting;
        if (known == null) {
            known = render(channel);
            if (users.size() >= KEPT) {
                greeting = known;
            } else {
                users.values().forEach(user -> user.listed = null);
            }
        }
        return known;
    }

    private byte[] render(String channel) {
        int size = 96;
        for (User user : users.values()) {
            Listed listed = user.listed;
            if (listed == null) {
                listed = Listed.of(user.member);
                user.listed = listed;
            }
            size += listed.id.length + listed.entry.length + 2;
        }
        return Messages.internal("pusher_internal:subscription_succeeded", channel, size, text -> {
            text.ascii("{\\\"presence\\\":{\\\"count\\\":" + users.size() + ",\\\"ids\\\":[");
            list(text, Listed::id);
            text.ascii("],\\\"hash\\\":{");
            list(text, Listed::entry);
            text.ascii("}}}");
        });
    }

    private void list(JsonWriter text, Function<Listed, byte[]> part) {
        boolean first = true;
        for (User user : users.values()) {
            text.ascii(first ? "" : ",").raw(part.apply(Objects.requireNonNull(user.listed)));
            first = false;
        }
    }

    /** {@code user} is the last one in the order now. */
    private void add(User user) {
        users.put(user.member.userId(), user);
        greeting = null;
    }
}
