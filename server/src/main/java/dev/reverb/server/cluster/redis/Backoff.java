package dev.reverb.server.cluster.redis;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How long to wait before the next attempt: doubling from 50 ms to 2 s, each with jitter so that nodes spread. */
final class Backoff {

    private static final long FIRST_MILLIS = 50;
    private static final long LAST_MILLIS = 2_000;

    private long next = FIRST_MILLIS;

    Duration next() {
        long millis = next / 2 + ThreadLocalRandom.current().nextLong(next / 2 + 1);
        next = Math.min(LAST_MILLIS, next * 2);
        return Duration.ofMillis(millis);
    }

    void reset() {
        next = FIRST_MILLIS;
    }
}
