package dev.reverb.server.cluster.redis.log.write;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.frame.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What this node has in the channels of one partition: subscriptions and members. Redis holds a copy of it. Cluster
 * thread only.
 */
public final class OwnedState {

    private final Map<ChannelId, Integer> counts = new HashMap<>();
    /** Channels whose totals are announced. */
    private final Set<ChannelId> announced = new HashSet<>();
    private final Map<ChannelId, Map<String, byte[]>> members = new HashMap<>();

    void count(ChannelId channel, int subscriptions, boolean announce) {
        if (subscriptions == 0) {
            counts.remove(channel);
        } else {
            counts.put(channel, subscriptions);
        }
        if (announce) {
            announced.add(channel);
        } else if (!announced.isEmpty()) {
            announced.remove(channel);
        }
    }

    public int count(ChannelId channel) {
        return counts.getOrDefault(channel, 0);
    }

    /** Whether that changes anything. */
    boolean join(ChannelId channel, String userId, byte[] data) {
        byte[] before = members.computeIfAbsent(channel, c -> new HashMap<>()).put(userId, data);
        return !Arrays.equals(before, data);
    }

    boolean has(ChannelId channel, String userId) {
        return members.getOrDefault(channel, Map.of()).containsKey(userId);
    }

    void leave(ChannelId channel, String userId) {
        Map<String, byte[]> users = members.get(channel);
        if (users != null && users.remove(userId) != null && users.isEmpty()) {
            members.remove(channel);
        }
    }

    /** Adds the operations that write the counts of {@code changed}, which is empty then. */
    void takeCounts(Set<ChannelId> changed, List<byte[]> operations) {
        for (ChannelId channel : changed) {
            addCount(operations, channel, count(channel));
        }
        changed.clear();
    }

    private void addCount(List<byte[]> operations, ChannelId channel, int count) {
        Operation.count(operations, channel, count, announced.contains(channel));
        if (count == 0 && !announced.isEmpty()) {
            announced.remove(channel);
        }
    }

    boolean isEmpty() {
        return counts.isEmpty() && members.isEmpty();
    }

    public Map<ChannelId, Integer> counts() {
        return counts;
    }

    public Map<ChannelId, Map<String, byte[]>> members() {
        return members;
    }

    /** The operation of {@code write.lua} that makes Redis have exactly this. */
    List<byte[]> assertion() {
        List<byte[]> operations = new ArrayList<>();
        announced.retainAll(counts.keySet());
        operations.add(Operation.ASSERT);
        operations.add(new byte[0]);
        int entries = 0;
        for (var entry : counts.entrySet()) {
            addCount(operations, entry.getKey(), entry.getValue());
            entries++;
        }
        for (var channel : members.entrySet()) {
            byte[] scope = Keyspace.bytes(Keyspace.scope(channel.getKey()));
            for (var member : channel.getValue().entrySet()) {
                operations.add(Operation.MEMBER);
                operations.add(scope);
                operations.add(Keyspace.bytes(member.getKey()));
                operations.add(member.getValue());
                entries++;
            }
        }
        operations.set(1, Keyspace.bytes(entries));
        return operations;
    }
}
