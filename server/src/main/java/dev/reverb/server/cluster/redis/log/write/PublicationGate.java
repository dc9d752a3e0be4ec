package dev.reverb.server.cluster.redis.log.write;

import dev.reverb.server.cluster.redis.base.Clock;
import dev.reverb.server.cluster.redis.flow.FlowControl;

/**
 * Whether a partition's publications wait for other nodes: because subscribers there lag, or because the log is full of
 * what a node has not read. Written on the cluster's thread, read by publishers.
 */
final class PublicationGate {

    /** Once publications have waited so long, more are refused at once. */
    private static final long REFUSE_NANOS = 2_000_000_000L;
    /** Once they have waited so long, those that wait are answered: held, as in an outage. */
    private static final long ANSWER_NANOS = 10_000_000_000L;

    private final Clock clock;
    /** A partition of requests and never of publications. */
    private final boolean open;
    private volatile long gatedUntil;
    private volatile boolean full;
    private volatile boolean waiting;
    private volatile long waitingSince;

    PublicationGate(Clock clock, boolean open) {
        this.clock = clock;
        this.open = open;
        this.gatedUntil = clock.nanos();
    }

    void close() {
        gatedUntil = clock.nanos() + FlowControl.GATE_NANOS;
    }

    void open() {
        gatedUntil = clock.nanos();
    }

    void full() {
        full = true;
    }

    /** Whether subscribers on other nodes lag. Any thread. */
    boolean gated() {
        return !open && gatedUntil - clock.nanos() > 0;
    }

    /** Whether it should take no more. Any thread. */
    boolean refuses(long bytes, long bound) {
        return ((gated() || full) && bytes > bound) || (waiting && clock.nanos() - waitingSince > REFUSE_NANOS);
    }

    /** Publications wait now; whether they have waited so long that their publishers have to be answered. */
    boolean overdue() {
        if (!waiting) {
            waitingSince = clock.nanos();
            waiting = true;
        }
        return clock.nanos() - waitingSince > ANSWER_NANOS;
    }

    /** Publications were written. */
    void passed() {
        full = false;
        waiting = false;
    }
}
