package dev.reverb.server.transport.loop;

import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what should not happen, at most once a second, so that a hostile peer cannot fill a disk. Any thread. */
public final class UnexpectedErrors {

    private static final Logger LOG = LoggerFactory.getLogger("reverb.transport");
    private static final AtomicLong LAST = new AtomicLong(System.nanoTime() - 2_000_000_000L);
    private static final AtomicLong HELD_BACK = new AtomicLong();

    private UnexpectedErrors() {}

    public static void log(Throwable cause) {
        long now = System.nanoTime();
        long last = LAST.get();
        if (now - last > 1_000_000_000L && LAST.compareAndSet(last, now)) {
            long more = HELD_BACK.getAndSet(0);
            LOG.error("unexpected error on a connection{}", more > 0 ? " (" + more + " more not shown)" : "", cause);
        } else {
            HELD_BACK.incrementAndGet();
        }
    }
}
