package dev.reverb.server.cluster.message;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster knows of a channel at one position of its log.
 *
 * @param members of a presence channel on <em>other</em> nodes, one entry per node and user; empty for other kinds
 * @param cached the cached event of a cache channel, or null
 * @param cachedUntilMillis when {@code cached} expires, epoch milliseconds; 0 without one
 * @param subscriptions of all nodes together; 0 where that is not known
 * @param history where the channel's history ends; null where it keeps none, or that is not known
 * @param numbers the last number of each node that wrote to the history lately
 */
public record ChannelState(
        List<Member> members,
        byte @Nullable [] cached,
        long cachedUntilMillis,
        int subscriptions,
        @Nullable HistoryPoint history,
        Map<String, Long> numbers) {

    /** Nothing known. */
    public static final ChannelState EMPTY = new ChannelState(List.of(), null, 0, 0, null, Map.of());

    /** With an unknown number of subscriptions. */
    public ChannelState(List<Member> members, byte @Nullable [] cached, long cachedUntilMillis) {
        this(members, cached, cachedUntilMillis, 0, null, Map.of());
    }

    public ChannelState {
        members = List.copyOf(members);
        numbers = Map.copyOf(numbers);
    }
}
