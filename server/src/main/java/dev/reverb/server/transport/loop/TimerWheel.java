package dev.reverb.server.transport.loop;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Time-outs of one loop's connections: a ring of buckets, one per tick of {@value #TICK_MILLIS} ms, each a list that
 * runs through the connections themselves. Setting a time-out allocates nothing, and 100,000 of them cost a tick what
 * is due in it. A time-out further away than the ring is long stays in its bucket for another round. Loop thread only.
 */
public final class TimerWheel {

    public static final long TICK_MILLIS = 250;
    private static final int BUCKETS = 512;

    /** Ticks after which a time-out that failed is tried again. */
    private static final int AGAIN = (int) (1_000 / TICK_MILLIS);

    private final Consumer<Throwable> faults;
    private final @Nullable TimedHandler[] buckets = new TimedHandler[BUCKETS];
    private int now;

    /** @param faults receives what a handler's time-out threw */
    TimerWheel(Consumer<Throwable> faults) {
        this.faults = faults;
    }

    /** Ticks since the loop started. */
    public int now() {
        return now;
    }

    /** Milliseconds that the ticks since the loop started stand for. */
    public long nowMillis() {
        return now * TICK_MILLIS;
    }

    /** Ticks that {@code millis} take, rounded up. */
    public static int ticks(long millis) {
        return (int) Math.min(Integer.MAX_VALUE / 2, (millis + TICK_MILLIS - 1) / TICK_MILLIS);
    }

    /**
     * Calls {@code handler} when {@code millis} have passed, and at most two ticks later, instead of whenever it was
     * set for before. The tick under way does not count: it may end at once.
     */
    public void setAfter(TimedHandler handler, long millis) {
        set(handler, ticks(millis) + 1);
    }

    /** Calls {@code handler} in {@code ticks} ticks, at least one, instead of whenever it was set for before. */
    void set(TimedHandler handler, int ticks) {
        int due = now + Math.max(1, ticks);
        if (handler.set && handler.due == due) {
            return; // a busy connection sets the same time-out many times a tick
        }
        cancel(handler);
        handler.due = due;
        int bucket = handler.due & (BUCKETS - 1);
        TimedHandler head = buckets[bucket];
        handler.next = head;
        handler.previous = null;
        if (head != null) {
            head.previous = handler;
        }
        buckets[bucket] = handler;
        handler.set = true;
    }

    public void cancel(TimedHandler handler) {
        if (!handler.set) {
            return;
        }
        TimedHandler previous = handler.previous;
        TimedHandler next = handler.next;
        if (previous == null) {
            buckets[handler.due & (BUCKETS - 1)] = next;
        } else {
            previous.next = next;
        }
        if (next != null) {
            next.previous = previous;
        }
        handler.next = null;
        handler.previous = null;
        handler.set = false;
    }

    /** One tick has passed. */
    void tick() {
        now++;
        TimedHandler handler = buckets[now & (BUCKETS - 1)];
        while (handler != null) {
            TimedHandler next = handler.next;
            if (handler.due == now) {
                cancel(handler);
                try {
                    handler.onDue();
                } catch (Throwable fault) { // the others are due too, and this one again, or it would never be closed
                    faults.accept(fault);
                    set(handler, AGAIN);
                }
                // what it did may have moved the next one; start over, since what was due is gone from the bucket
                next = next != null && next.set && next.due == now ? next : firstDue();
            }
            handler = next;
        }
    }

    private @Nullable TimedHandler firstDue() {
        TimedHandler handler = buckets[now & (BUCKETS - 1)];
        while (handler != null && handler.due != now) {
            handler = handler.next;
        }
        return handler;
    }

}
