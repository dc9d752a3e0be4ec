package dev.reverb.server.cluster.redis.flow;

import dev.reverb.server.cluster.Backlog;
import dev.reverb.server.cluster.redis.base.Clock;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.budget.MemoryLimits;
import java.util.ArrayDeque;

/**
 * How far this node's connections are behind what it was handed: in bytes, and in time, as a channel with many
 * subscribers makes few bytes wait long. The time is the longer of two: how long ago the oldest message that still
 * waits
 * was handed over, computed from how many bytes wait and when each was handed; and how long what waits will take at the
 * rate
 * of late, which sees a burst coming before it is old. What local publishers add makes the lag look longer, never
 * shorter. The time that an idle line takes is no lag. Cluster thread only, but for {@link #bytes}.
 */
public final class ConsumerLag {

    private static final long SAMPLE_NANOS = 2_000_000;
    private static final int SAMPLES = 1_024;
    private static final long HIGH_NANOS = 300_000_000;
    private static final long LOW_NANOS = 100_000_000;

    /** Long enough for several answers of clients. */
    private static final long MEASURE_NANOS = 100_000_000;
    /** Bytes per second, until they are measured and at least. */
    private static final long FIRST_RATE = 128 * 1024;
    private static final long LEAST_RATE = 32 * 1024;

    private record Sample(long at, long handed) {}

    private final Backlog backlog;
    private final MemoryLimits limits;
    private final Clock clock;
    private final ArrayDeque<Sample> samples = new ArrayDeque<>();
    private final PartitionTraffic traffic = new PartitionTraffic();
    private long handed;
    private long rate = FIRST_RATE;
    private long measuredAt;
    private long doneThen;
    private boolean busyThen;
    private long sampledAt;

    public ConsumerLag(Backlog backlog, MemoryLimits limits, Clock clock) {
        this.backlog = backlog;
        this.limits = limits;
        this.clock = clock;
        this.measuredAt = clock.nanos();
        this.sampledAt = measuredAt - SAMPLE_NANOS;
    }

    /** Bytes that wait; any thread. */
    public long bytes() {
        return backlog.bytes();
    }

    /** A message of another node goes to the connections. */
    public void handed(int partition, int bytes) {
        handed += bytes;
        long now = clock.nanos();
        traffic.add(partition, bytes, backlog, now);
        if (now - sampledAt >= SAMPLE_NANOS && samples.size() < SAMPLES) {
            sampledAt = now;
            samples.add(new Sample(now, handed));
        }
    }

    /**
     * Whether no more of a partition should be handed over for now: connections are behind, and it is this partition
     * that they are behind with. What clients of one channel do not read is no reason to keep another's from its own.
     */
    public boolean high(int partition) {
        return beyond(limits.backlogHigh(), HIGH_NANOS) && blames(partition, limits.backlogHigh(), HIGH_NANOS);
    }

    /** Whether there is room again for a partition. */
    boolean low(int partition) {
        return !beyond(limits.backlogLow(), LOW_NANOS) || !blames(partition, limits.backlogLow(), LOW_NANOS);
    }

    private boolean blames(int partition, long bytes, long nanos) {
        long unwritten = backlog.unwrittenBytes();
        boolean loopsLag = unwritten > bytes || unwritten * 1_000_000_000L / rate > nanos;
        return (loopsLag && traffic.heavy(partition, backlog.deliveredBytes(), clock.nanos()))
                || backlog.unreadIn(channel -> Keyspace.partition(channel) == partition);
    }

    private boolean beyond(long bytes, long nanos) {
        long wait = backlog.bytes();
        measure(wait);
        if (wait == 0) {
            samples.clear();
            return false;
        }
        while (!samples.isEmpty() && samples.getFirst().handed <= handed - wait) {
            samples.removeFirst();
        }
        long most = nanos + backlog.lineNanos();
        if (wait > bytes || wait * 1_000_000_000L / rate > most) {
            return true;
        }
        return !samples.isEmpty() && clock.nanos() - samples.getFirst().at > most;
    }

    /** How fast connections take messages, as long as there are some to take. */
    private void measure(long wait) {
        long now = clock.nanos();
        long elapsed = now - measuredAt;
        if (elapsed < MEASURE_NANOS) {
            return;
        }
        long done = handed - wait;
        if (busyThen && wait > 0) {
            long measured = (long) (Math.max(0, done - doneThen) * 1e9 / elapsed);
            rate = Math.max(LEAST_RATE, (3 * rate + measured) / 4);
        }
        measuredAt = now;
        doneThen = done;
        busyThen = wait > 0;
    }
}
