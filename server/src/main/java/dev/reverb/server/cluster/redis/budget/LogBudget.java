package dev.reverb.server.cluster.redis.budget;

/**
 * How large the logs of all partitions are together, and so how large one of them may become: a quarter of what is
 * left. A few busy partitions keep much for nodes that are away; many get less each, and together they stay within the
 * bound. What passes a partition's room is cut down to what nodes that read have not read yet; beyond that its
 * publications wait, and are refused.
 *
 * <p>The total is as old as the last heartbeat. What this node has written since counts once for each node, as all may
 * write as much. Cluster thread only, but for {@link #total}.
 */
public final class LogBudget {

    /** The part of what is left that one partition may have. */
    private static final int SHARE = 4;
    /** What each partition may have however little is left; half of the bound, all together. */
    private static final int LEAST = 512;

    private final long most;
    private final long mostOfOne;
    private volatile long total;
    private long written;
    /** Between the two heartbeats before: the total may not have that yet. */
    private long writtenBefore;
    private int nodes = 1;

    /** With nothing known. */
    public LogBudget(MemoryLimits limits) {
        this.most = limits.logs();
        this.mostOfOne = limits.log();
    }

    /** This node has written so many bytes to a log. */
    public void wrote(long bytes) {
        written += bytes;
    }

    /** The sum over all partitions, as the heartbeat answers it, and how many nodes there are. */
    public void measured(long bytes, int alive) {
        total = bytes;
        writtenBefore = written;
        written = 0;
        nodes = Math.max(1, alive);
    }

    /** Bytes of all logs at the last heartbeat. Any thread. */
    public long total() {
        return total;
    }

    /** Bytes that the log of one partition may have now. */
    public long room() {
        return Math.max(Math.min(mostOfOne, (most - total - (writtenBefore + written) * nodes) / SHARE), least());
    }

    /** Bytes that a reader may read before it says how far it is: well below what the smallest log may hold. */
    public long step() {
        return Math.min(mostOfOne / 8, least() / 4);
    }

    private long least() {
        return Math.min(mostOfOne, most / LEAST);
    }
}
