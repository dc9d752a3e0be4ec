package dev.reverb.server.channel;

import dev.reverb.server.cluster.ClusterQueries.ChannelCounts;
import dev.reverb.server.cluster.ClusterQueries.MessageTotals;
import dev.reverb.server.cluster.LocalState;
import dev.reverb.server.cluster.message.ChannelId;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Answers from this node's channels. */
public final class LocalCounts implements LocalState {

    private final Channels channels;
    private final long since = System.currentTimeMillis();

    /** @param channels what is counted */
    public LocalCounts(Channels channels) {
        this.channels = channels;
    }

    @Override
    public int connections(String app) {
        AppChannels found = channels.of(app);
        return found == null ? 0 : found.connections();
    }

    @Override
    public MessageTotals messages(String app) {
        AppChannels found = channels.of(app);
        return found == null ? new MessageTotals(0, 0, since)
                : new MessageTotals(found.messages().sent(), found.messages().fromClients(), since);
    }

    @Override
    public Map<String, ChannelCounts> channels(String app, String prefix) {
        Map<String, ChannelCounts> counts = new LinkedHashMap<>();
        AppChannels found = channels.of(app);
        if (found != null) {
            for (SharedChannel channel : found.channels.values()) {
                if (channel.name.startsWith(prefix)) {
                    ChannelCounts count = counts(channel);
                    if (count.subscriptions() > 0) {
                        counts.put(channel.name, count);
                    }
                }
            }
        }
        return counts;
    }

    @Override
    public ChannelCounts channel(ChannelId channel) {
        SharedChannel found = find(channel);
        return found == null ? ChannelCounts.NONE : counts(found);
    }

    @Override
    public Set<String> users(ChannelId channel) {
        SharedChannel found = find(channel);
        if (found == null || found.members == null) {
            return Set.of();
        }
        synchronized (found) {
            return found.members.ids();
        }
    }

    @Override
    public Collection<byte[]> signedUsers(ChannelId channel) {
        SharedChannel found = find(channel);
        if (found == null || found.members == null) {
            return List.of();
        }
        synchronized (found) {
            return found.members.signedIds();
        }
    }

    private @Nullable SharedChannel find(ChannelId id) {
        AppChannels app = channels.of(id.app());
        return app == null ? null : app.channels.get(id.name());
    }

    private static ChannelCounts counts(SharedChannel channel) {
        synchronized (channel) {
            return new ChannelCounts(channel.subscriptions, channel.members == null ? 0 : channel.members.size());
        }
    }
}
