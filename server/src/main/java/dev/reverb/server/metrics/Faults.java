package dev.reverb.server.metrics;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What tasks of a loop threw although they should throw nothing: counted each, logged at most once a second over all
 * loops, so that whoever can cause one cannot fill a disk. Any thread.
 */
public final class Faults {

    private static final Logger LOG = LoggerFactory.getLogger("reverb.loop");
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final AtomicLong LAST = new AtomicLong(System.nanoTime() - PAUSE_NANOS);
    private static final AtomicLong HELD_BACK = new AtomicLong();

    private final LongAdder count = new LongAdder();

    /** {@code what} threw {@code cause}; never throws itself, also where there is no memory left for the line. */
    public void add(String what, Throwable cause) {
        count.increment();
        try {
            long now = System.nanoTime();
            long last = LAST.get();
            if (now - last >= PAUSE_NANOS && LAST.compareAndSet(last, now)) {
                long more = HELD_BACK.getAndSet(0);
                LOG.error("{} failed, the event loop goes on{}", what,
                        more > 0 ? " (" + more + " more like this are not shown)" : "", cause);
            } else {
                HELD_BACK.incrementAndGet();
            }
        } catch (Throwable noLine) {
            HELD_BACK.incrementAndGet();
        }
    }

    /** How many there were. */
    public long count() {
        return count.sum();
    }
}
