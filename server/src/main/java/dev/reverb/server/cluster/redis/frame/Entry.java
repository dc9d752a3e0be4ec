package dev.reverb.server.cluster.redis.frame;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.cluster.message.Publication;

/** One change that a frame in a partition's log carries. */
public sealed interface Entry {

    /** An event for a channel's subscribers. */
    record Published(Publication publication) implements Entry {}

    /**
     * An event that its channel keeps.
     *
     * @param number the origin's number of it
     * @param place among such entries of its frame, from 0
     */
    record Kept(Publication publication, long number, int place) implements Entry {}

    /** A member's first connection on a node joined. */
    record Joined(ChannelId channel, Member member) implements Entry {}

    /** A member's last connection on a node left. */
    record Left(ChannelId channel, String owner, String userId) implements Entry {}

    /** The subscriptions of all nodes in a channel changed. */
    record Counted(ChannelId channel, int total) implements Entry {}

    /** A request to all nodes. */
    record Requested(Control control) implements Entry {}
}
