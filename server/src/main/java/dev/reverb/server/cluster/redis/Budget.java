package dev.reverb.server.cluster.redis;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes accepted and not yet written, against their bound: and those of written frames that may have to be sent
 * again. Any thread. */
final class Budget {

    private final long bound;
    private final AtomicLong held = new AtomicLong();
    private final AtomicLong retained = new AtomicLong();

    Budget(long bound) {
        this.bound = bound;
    }

    /** Takes {@code bytes}, or nothing when they would pass the bound. */
    boolean take(long bytes) {
        long now = held.addAndGet(bytes);
        if (now > bound) {
            held.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    void give(long bytes) {
        held.addAndGet(-bytes);
    }

    void retain(long bytes) {
        retained.addAndGet(bytes);
    }

    void release(long bytes) {
        retained.addAndGet(-bytes);
    }

    long retained() {
        return retained.get();
    }

    long held() {
        return held.get();
    }
}
