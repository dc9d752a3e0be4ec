package dev.reverb.server.cluster;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.ChannelState;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.cluster.message.Publication;

/**
 * What this node receives from others; implemented by the channels. Calls for one channel come one at a time, in order,
 * on threads of the cluster; an implementation returns quickly and never blocks. The caller holds no lock of its own
 * while it calls: the channels call the ports while they hold a channel's monitor, and take that monitor in these
 * methods.
 */
public interface ClusterEvents {

    /**
     * The answer to {@link Broker#attach}: the channel's shared state at the moment from which events will arrive.
     *
     * @param attachment the number of that attach; the answer to another one is none
     */
    void onAttached(ChannelId channel, long attachment, ChannelState state);

    /** The link was away and is back: {@code state} replaces what was known; differences become events. */
    void onResync(ChannelId channel, ChannelState state);

    /** A publication by another node. */
    void onPublication(Publication publication);

    /**
     * The log has reached a publication of this node that has a life in the cache. Unless this node has published a
     * later one, which the log has yet to reach, it is the channel's cached event now, as on all other nodes. Only for
     * attached channels, and only where there is a log.
     */
    void onCached(Publication publication);

    /** A publication by another node that the channel keeps, at {@code point}. */
    void onKept(Publication publication, HistoryPoint point);

    /** The log has reached a publication of this node that {@code channel} keeps, at {@code point}. */
    void onReached(ChannelId channel, HistoryPoint point);

    /** Another node's first connection of a member joined. */
    void onJoin(ChannelId channel, Member member);

    /** Another node's last connection of a member left, or its node is gone. */
    void onLeave(ChannelId channel, String node, String userId);

    /**
     * The subscriptions of all nodes together are {@code total} now. It follows a change that a node announced, and the
     * end of a node; changes in quick succession may be reported as one, the last of them always. While the link is
     * down none come; {@link #onResync} carries the total afterwards.
     */
    void onCounted(ChannelId channel, int total);

    /** A request to all nodes. */
    void onControl(Control control);
}
