package dev.reverb.server.cluster.redis.base;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait before the next attempt: doubling from 50 ms to 2 s, each with jitter so that nodes spread. */
public final class Backoff {

    private static final long FIRST_MILLIS = 50;
    private static final long LAST_MILLIS = 2_000;

    private final RandomGenerator random;
    private long next = FIRST_MILLIS;

    public Backoff(RandomGenerator random) {
        this.random = random;
    }

    public Duration next() {
        long millis = next / 2 + random.nextLong(next / 2 + 1);
        next = Math.min(LAST_MILLIS, next * 2);
        return Duration.ofMillis(millis);
    }

    public void reset() {
        next = FIRST_MILLIS;
    }
}
