package dev.reverb.server.cluster.redis.base;

/** What time it is on Redis, from the reply to the last heartbeat. Cluster thread only. */
public final class RedisClock {

    /** Both clocks are read in whole milliseconds. */
    private static final long ROUNDING_MILLIS = 2;

    private final Clock clock;
    private long offsetMillis;
    private boolean known;

    public RedisClock(Clock clock) {
        this.clock = clock;
    }

    /** Notes that it is {@code redisMillis} on Redis now. */
    public void set(long redisMillis) {
        offsetMillis = redisMillis - clock.millis();
        known = true;
    }

    /** The next Redis may have another clock. */
    public void forget() {
        known = false;
    }

    public boolean known() {
        return known;
    }

    /**
     * What time it was on Redis when it was {@code millis} here, once {@link #known}. The result is early by the time
     * that the reply took, never late.
     */
    public long at(long millis) {
        return millis + offsetMillis - ROUNDING_MILLIS;
    }
}
