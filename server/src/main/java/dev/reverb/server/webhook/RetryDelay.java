package dev.reverb.server.webhook;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** How long to wait before a request is sent again. */
public final class RetryDelay {

    private static final long FIRST_MILLIS = 500;
    private static final long LONGEST_MILLIS = 60_000;

    private RetryDelay() {}

    /**
     * Twice as long after each failure, up to a minute, half of it by chance; longer where the receiver says so.
     *
     * @param failures one after another so far, at least 1
     * @param retryAfter what the receiver asked for
     * @param left how long the oldest event has left; never waited longer
     */
    public static Duration after(int failures, Optional<Duration> retryAfter, Duration left, RandomGenerator random) {
        long most = Math.min(LONGEST_MILLIS, FIRST_MILLIS << Math.min(failures - 1, 10));
        long millis = most / 2 + random.nextLong(most / 2 + 1);
        millis = Math.max(millis, retryAfter.map(Duration::toMillis).orElse(0L));
        return Duration.ofMillis(Math.max(1, Math.min(millis, left.toMillis())));
    }
}
