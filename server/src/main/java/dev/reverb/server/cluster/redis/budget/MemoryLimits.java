package dev.reverb.server.cluster.redis.budget;

import dev.reverb.model.HistoryBounds;

/**
 * How much memory delivery between nodes may take, bytes. Nothing here grows beyond these while Redis or a
 * subscriber is slow or away.
 *
 * @param held accepted and not yet written; beyond it publications are refused
 * @param retained written, kept to be sent again after a fail-over; beyond it the writer of a partition drops its
 *     own oldest
 * @param gated waiting in one partition for its subscribers to catch up; beyond it publications are refused
 * @param buffered messages of one partition that wait for a recovery; beyond it they are read from the log instead
 * @param backlogHigh publications that wait for this node's connections; beyond it messages are left in the log
 * @param backlogLow from where on they are read from there
 * @param log one partition's log in Redis
 * @param logs the logs of all partitions together
 * @param page one read of a log
 * @param histories what all channels keep of their messages, in Redis, until it is said otherwise
 * @param historiesOfApp the same of one application
 */
public record MemoryLimits(
        long held,
        long retained,
        long gated,
        long buffered,
        long backlogHigh,
        long backlogLow,
        long log,
        long logs,
        long page,
        long histories,
        long historiesOfApp) {

    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;

    /** With the defaults for histories. */
    public MemoryLimits(long held, long retained, long gated, long buffered, long backlogHigh, long backlogLow,
            long log, long logs, long page) {
        this(held, retained, gated, buffered, backlogHigh, backlogLow, log, logs, page, HistoryBounds.IN_REDIS.all(),
                HistoryBounds.IN_REDIS.ofApp());
    }

    public static MemoryLimits ofHeap() {
        long share = Math.clamp(Runtime.getRuntime().maxMemory() / 16, 8 * MIB, 64 * MIB);
        return new MemoryLimits(share, share / 2, 128 * KIB, MIB, 4 * MIB, MIB, 32 * MIB, 256 * MIB, 32 * KIB);
    }
}
