package dev.reverb.server.channel;

import java.util.concurrent.TimeUnit;

/**
 * When the number of a channel's subscribers, over all nodes, is sent to them: each change up to
 * {@value #EVERY_CHANGE} subscribers, beyond that one value in five seconds, the last one always. Pure; the channel's
 * lock guards it.
 */
final class SubscriptionCount {

    /** Subscribers up to which each change is sent. */
    static final int EVERY_CHANGE = 100;
    static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** What {@link #changed} and {@link #due} answer when there is nothing to do. */
    static final long NOTHING = -1;

    private int total;
    private int sent;
    private long sentNanos;
    private boolean waiting;

    /** The last known number; 0 before the first. */
    int total() {
        return total;
    }

    /**
     * Takes a new number.
     *
     * @return nanoseconds after which to call {@link #due}; 0 to send {@link #total} now, or {@link #NOTHING}
     */
    long changed(int total, long nowNanos) {
        this.total = total;
        boolean atOnce = sent == 0 || total <= EVERY_CHANGE;
        if (total == sent || (waiting && !atOnce)) {
            return NOTHING;
        }
        long wait = atOnce ? 0 : sentNanos + INTERVAL_NANOS - nowNanos;
        if (wait > 0) {
            waiting = true;
            return wait;
        }
        return send(nowNanos);
    }

    /** The time has come that {@link #changed} asked for: 0 to send {@link #total} now, or {@link #NOTHING}. */
    long due(long nowNanos) {
        waiting = false;
        return total == sent ? NOTHING : send(nowNanos);
    }

    private long send(long nowNanos) {
        sent = total;
        sentNanos = nowNanos;
        return 0;
    }
}
