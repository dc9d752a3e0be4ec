package dev.reverb.server.cluster;

import dev.reverb.server.cluster.ClusterQueries.ChannelCounts;
import dev.reverb.server.cluster.ClusterQueries.MessageTotals;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.protocol.JsonWriter;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

/** What this node's channels know by themselves. Any thread; no I/O. */
public interface LocalState {

    /** Connections of {@code app} to this node. */
    int connections(String app);

    /** Messages of {@code app} on this node, from its start. */
    MessageTotals messages(String app);

    /** Occupied channels of {@code app} whose names start with {@code prefix}. */
    Map<String, ChannelCounts> channels(String app, String prefix);

    /** Counts of one channel; zeros when nobody is subscribed. */
    ChannelCounts channel(ChannelId channel);

    /** Ids of the members of a presence channel. */
    Set<String> users(ChannelId channel);

    /** The same ids as JSON, as they were signed. */
    default Collection<byte[]> signedUsers(ChannelId channel) {
        return users(channel).stream().map(id -> new JsonWriter(id.length() + 2).string(id).toBytes()).toList();
    }
}
