package dev.reverb.server.channel;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What publishers of this node may let wait for its event loops. Beyond {@value #PATIENT} bytes a publish is
 * acknowledged when the loop that is furthest behind has sent what it had, so that whoever waits for replies publishes
 * as fast as the loops send; beyond the bound it is refused. Any thread; costs a volatile read for each loop.
 */
final class LocalBacklog {

    static final long PATIENT = 256 * 1024;

    /** Runs a task at the second of two calls, which come from any two threads. */
    @SuppressWarnings("serial") // nobody writes it to a stream; it extends the counter to be one object
    static final class Acknowledgement extends AtomicBoolean implements Runnable {

        private final transient Runnable then;

        Acknowledgement(Runnable then) {
            this.then = then;
        }

        @Override
        public void run() {
            if (getAndSet(true)) {
                then.run();
            }
        }
    }

    private final LoopChannels[] loops;
    private final long most;

    /** @param most bytes that may wait for one loop */
    LocalBacklog(List<LoopChannels> loops, long most) {
        this.loops = loops.toArray(LoopChannels[]::new);
        this.most = most;
    }

    /** Whether so much waits for a loop that nothing more may. */
    boolean full() {
        for (LoopChannels loop : loops) {
            if (loop.backlogBytes() > most) {
                return true;
            }
        }
        return false;
    }

    /** Runs {@code acknowledged} now, or when the loop that is furthest behind has sent what waits for it. */
    void acknowledge(Runnable acknowledged) {
        LoopChannels furthest = null;
        long behind = PATIENT;
        for (LoopChannels loop : loops) {
            long bytes = loop.backlogBytes();
            if (bytes > behind) {
                behind = bytes;
                furthest = loop;
            }
        }
        if (furthest == null) {
            acknowledged.run();
        } else {
            furthest.inOrder(acknowledged);
        }
    }
}
