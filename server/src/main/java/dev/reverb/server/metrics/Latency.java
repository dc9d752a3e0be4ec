package dev.reverb.server.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A histogram with fixed buckets that one thread records into and any thread reads. */
public final class Latency {

    private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle SUM;

    static {
        try {
            SUM = MethodHandles.lookup().findVarHandle(Latency.class, "sum", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long[] bounds;
    private final long[] counts;
    private long sum;

    /** @param bounds upper bounds of the buckets, nanoseconds, ascending */
    Latency(long[] bounds) {
        this.bounds = bounds.clone();
        counts = new long[bounds.length + 1];
    }

    void record(long nanos) {
        int bucket = 0;
        while (bucket < bounds.length && nanos > bounds[bucket]) {
            bucket++;
        }
        COUNTS.setOpaque(counts, bucket, counts[bucket] + 1);
        SUM.setOpaque(this, sum + nanos);
    }

    /** Upper bounds of the buckets, nanoseconds; the last bucket has none. */
    public long[] bounds() {
        return bounds.clone();
    }

    /** Count of {@code bucket}, not cumulative. */
    public long count(int bucket) {
        return (long) COUNTS.getOpaque(counts, bucket);
    }

    /** Sum of all recorded values, nanoseconds. */
    public long sum() {
        return (long) SUM.getOpaque(this);
    }
}
