package dev.reverb.server.cluster;

import dev.reverb.server.cluster.message.ChannelId;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Questions of the HTTP API over all nodes, answered from counters: no node asks another. Any thread may call; stages
 * complete on any thread, from last known state while the link is down.
 */
public interface ClusterQueries {

    /** Connections of {@code app}. */
    CompletionStage<Integer> connections(String app);

    /** Occupied channels of {@code app} whose names start with {@code prefix}, and their counts. */
    CompletionStage<Map<String, ChannelCounts>> channels(String app, String prefix);

    /** Counts of one channel; zeros when nobody is subscribed anywhere. */
    CompletionStage<ChannelCounts> channel(ChannelId channel);

    /** Ids of the members of a presence channel, each once. */
    CompletionStage<Set<String>> users(ChannelId channel);

    /** The same ids as JSON, as they were signed: {@code 1} and {@code "1"} keep their types. */
    CompletionStage<Collection<byte[]>> signedUsers(ChannelId channel);

    /** Messages of {@code app}; fails while the link is down. */
    CompletionStage<MessageTotals> messages(String app);

    /** The cached event of a cache channel, or null. */
    CompletionStage<@Nullable CachedEvent> cached(ChannelId channel);

    /**
     * Messages over all nodes, those that have ended too.
     *
     * @param sent to clients
     * @param received from clients
     * @param sinceMillis from when on they are counted, epoch milliseconds
     */
    record MessageTotals(long sent, long received, long sinceMillis) {}

    /**
     * Counts over all nodes.
     *
     * @param subscriptions connections subscribed
     * @param users distinct members, 0 unless a presence channel
     */
    record ChannelCounts(int subscriptions, int users) {
        /** Nobody. */
        public static final ChannelCounts NONE = new ChannelCounts(0, 0);
    }

    /**
     * A cached event.
     *
     * @param message as clients receive it
     * @param ttlMillis milliseconds until it expires
     */
    record CachedEvent(byte[] message, long ttlMillis) {
        @Override
        public String toString() {
            return "CachedEvent[" + message.length + " bytes]";
        }
    }
}
