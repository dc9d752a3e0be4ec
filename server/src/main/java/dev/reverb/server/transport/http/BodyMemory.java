package dev.reverb.server.transport.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the bodies of all requests under way may take together. A body that is alone is always let in, so that a bound
 * below the largest body that is allowed holds nobody up for ever. Any thread.
 */
public final class BodyMemory {

    private final long limit;
    private final AtomicLong used;

    /**
     * @param limit bytes ({@code limits.request_memory})
     * @param used counts what is taken
     */
    public BodyMemory(long limit, AtomicLong used) {
        this.limit = limit;
        this.used = used;
    }

    /** Whether a body that has {@code own} bytes may have {@code more}; they are taken then. */
    boolean take(int own, int more) {
        long now = used.addAndGet(more);
        if (now > limit && now != (long) own + more) {
            used.addAndGet(-more);
            return false;
        }
        return true;
    }

    void give(int bytes) {
        used.addAndGet(-bytes);
    }
}
