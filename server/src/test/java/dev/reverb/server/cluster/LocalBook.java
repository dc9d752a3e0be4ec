package dev.reverb.server.cluster;

import dev.reverb.server.cluster.ClusterQueries.ChannelCounts;
import dev.reverb.server.cluster.ClusterQueries.MessageTotals;
import dev.reverb.server.cluster.message.ChannelId;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** What a node's channels would know, as a test says it. */
final class LocalBook implements LocalState {

    private final Map<ChannelId, Integer> counts = new ConcurrentHashMap<>();
    private final Map<ChannelId, Set<String>> users = new ConcurrentHashMap<>();
    private volatile int connections;

    void count(ChannelId channel, int subscriptions) {
        counts.put(channel, subscriptions);
    }

    void join(ChannelId channel, String user) {
        users.computeIfAbsent(channel, c -> ConcurrentHashMap.newKeySet()).add(user);
    }

    void connections(int all) {
        connections = all;
    }

    @Override
    public int connections(String app) {
        return connections;
    }

    @Override
    public MessageTotals messages(String app) {
        return new MessageTotals(0, 0, 0);
    }

    @Override
    public Map<String, ChannelCounts> channels(String app, String prefix) {
        Map<String, ChannelCounts> all = new TreeMap<>();
        counts.forEach((channel, n) -> {
            if (n > 0 && channel.app().equals(app) && channel.name().startsWith(prefix)) {
                all.put(channel.name(), channel(channel));
            }
        });
        return all;
    }

    @Override
    public ChannelCounts channel(ChannelId channel) {
        return new ChannelCounts(counts.getOrDefault(channel, 0), users(channel).size());
    }

    @Override
    public Set<String> users(ChannelId channel) {
        return new TreeSet<>(users.getOrDefault(channel, Set.of()));
    }
}
