package dev.reverb.bench.crowd;

/**
 * Latencies in nanoseconds, counted in buckets less than 1 % wide; adding one makes no object. From 0 to about 18
 * minutes, beyond which they count as the longest. Not safe for use by several threads.
 */
public final class Latencies {
    private static final int STEPS_BITS = 7;
    private static final int STEPS = 1 << STEPS_BITS;
    private static final int LONGEST_BITS = 40;

    private final long[] buckets = new long[(LONGEST_BITS - STEPS_BITS + 1) * STEPS];
    private long count;

    /** Adds one latency. */
    public void add(long nanos) {
        buckets[bucket(Math.clamp(nanos, 0, (1L << LONGEST_BITS) - 1))]++;
        count++;
    }

    /** How many were added. */
    public long count() {
        return count;
    }

    /** Forgets everything. */
    public void clear() {
        java.util.Arrays.fill(buckets, 0);
        count = 0;
    }

    /**
     * The latency that {@code share} of all do not exceed, in nanoseconds, rounded up to its bucket's end; NaN when
     * there are none.
     *
     * @param share above 0, at most 1
     */
    public double quantile(double share) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("a quantile lies above 0 and at most at 1, not at " + share);
        }
        long rank = (long) Math.ceil(share * count);
        long seen = 0;
        for (int i = 0; i < buckets.length; i++) {
            seen += buckets[i];
            if (seen >= rank && seen > 0) {
                return end(i);
            }
        }
        return Double.NaN;
    }

    private static int bucket(long nanos) {
        int exponent = Math.max(0, 64 - Long.numberOfLeadingZeros(nanos) - STEPS_BITS - 1);
        // beyond the first 2 × STEPS values the top bit is implied, so each exponent adds STEPS buckets
        return exponent * STEPS + (int) (nanos >>> exponent);
    }

    private static double end(int bucket) {
        int exponent = Math.max(0, bucket / STEPS - 1);
        long steps = bucket - (long) exponent * STEPS;
        return ((steps + 1) << exponent) - 1;
    }
}
