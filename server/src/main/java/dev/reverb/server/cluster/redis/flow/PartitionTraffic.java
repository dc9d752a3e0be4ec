package dev.reverb.server.cluster.redis.flow;

import dev.reverb.server.cluster.Backlog;
import dev.reverb.server.cluster.redis.base.Keyspace;
import java.util.Arrays;

/**
 * Which partitions the traffic of other nodes is in, over the last one to two seconds. When loops do not keep up, those
 * with much of it are slowed down, and none where most of it was published at this node: its own publishers and clients
 * are not other nodes' fault. Cluster thread only.
 */
final class PartitionTraffic {

    private static final long WINDOW_NANOS = 1_000_000_000L;
    /** A partition with less than this part of the mean is not to blame. */
    private static final int SHARE = 8;

    private long[] now = new long[Keyspace.CHANNEL_PARTITIONS + 1];
    private long[] before = new long[Keyspace.CHANNEL_PARTITIONS + 1];
    private long nowAll;
    private long beforeAll;
    private long deliveredNow;
    private long deliveredBefore;
    private long since;
    private boolean started;

    void add(int partition, int bytes, Backlog backlog, long nanos) {
        if (!started || nanos - since > WINDOW_NANOS) {
            turn(backlog.deliveredBytes(), nanos);
        }
        now[partition] += bytes;
        nowAll += bytes;
    }

    private void turn(long delivered, long nanos) {
        boolean old = started && nanos - since > 2 * WINDOW_NANOS;
        long[] next = before;
        Arrays.fill(next, 0);
        before = now;
        now = next;
        beforeAll = nowAll;
        nowAll = 0;
        if (old || !started) {
            Arrays.fill(before, 0);
            beforeAll = 0;
        }
        deliveredBefore = started && !old ? deliveredNow : delivered;
        deliveredNow = delivered;
        since = nanos;
        started = true;
    }

    /** @param delivered as {@link Backlog#deliveredBytes} now */
    boolean heavy(int partition, long delivered, long nanos) {
        if (!started || nanos - since > WINDOW_NANOS) {
            turn(delivered, nanos);
        }
        long remote = nowAll + beforeAll;
        long all = delivered - deliveredBefore;
        if (remote * SHARE < all) {
            return false;
        }
        int active = 0;
        for (int p = 0; p < now.length; p++) {
            active += now[p] + before[p] > 0 ? 1 : 0;
        }
        return (now[partition] + before[partition]) * SHARE * Math.max(1, active) >= remote;
    }
}
