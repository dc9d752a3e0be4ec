package dev.reverb.server.cluster;

import java.util.concurrent.atomic.AtomicBoolean;

/** Runs a task at the second of two calls, which come from any two threads. */
@SuppressWarnings("serial") // nobody writes it to a stream; it extends the counter to be one object
public final class Acknowledgement extends AtomicBoolean implements Runnable {

    private final transient Runnable then;

    public Acknowledgement(Runnable then) {
        this.then = then;
    }

    @Override
    public void run() {
        if (getAndSet(true)) {
            then.run();
        }
    }
}
