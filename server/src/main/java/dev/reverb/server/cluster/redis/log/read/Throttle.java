package dev.reverb.server.cluster.redis.log.read;

import dev.reverb.server.cluster.redis.base.Clock;
import java.time.Duration;

/** Lets one log line pass a period and counts those that it holds back. Cluster thread only. */
final class Throttle {

    private final Clock clock;
    private final long periodNanos;
    private long last;
    private boolean used;
    private long heldBack;

    Throttle(Clock clock, Duration period) {
        this.clock = clock;
        this.periodNanos = period.toNanos();
    }

    /** How many were held back since the last that passed, if this one may pass; -1 if it may not. */
    long pass() {
        long now = clock.nanos();
        if (used && now - last < periodNanos) {
            heldBack++;
            return -1;
        }
        used = true;
        last = now;
        long before = heldBack;
        heldBack = 0;
        return before;
    }
}
