package dev.reverb.server.cluster.redis.base;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Bytes accepted and not yet written, against their bound: and those of written frames that may have to be sent
 * again. Any thread. */
public final class WriteBudget {

    private final long bound;
    private final AtomicLong held = new AtomicLong();
    private final AtomicLong retained = new AtomicLong();

    public WriteBudget(long bound) {
        this.bound = bound;
    }

    /** Takes {@code bytes}, or nothing when they would pass the bound. */
    public boolean take(long bytes) {
        long now = held.addAndGet(bytes);
        if (now > bound) {
            held.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    public void give(long bytes) {
        held.addAndGet(-bytes);
    }

    public void retain(long bytes) {
        retained.addAndGet(bytes);
    }

    public void release(long bytes) {
        retained.addAndGet(-bytes);
    }

    public long retained() {
        return retained.get();
    }

    public long held() {
        return held.get();
    }

    /** Blocks until nothing is held, or {@code most} is over; whether nothing is held. */
    public boolean awaitGiven(Duration most) {
        long until = System.nanoTime() + most.toNanos();
        while (held() > 0 && System.nanoTime() - until < 0) {
            LockSupport.parkNanos(2_000_000);
        }
        return held() <= 0;
    }
}
