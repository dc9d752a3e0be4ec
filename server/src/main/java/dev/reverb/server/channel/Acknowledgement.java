package dev.reverb.server.channel;

import java.util.concurrent.atomic.AtomicBoolean;

/** Runs a task at the second of two calls, which come from any two threads. */
@SuppressWarnings("serial") // nobody writes it to a stream; it extends the counter to be one object
final class Acknowledgement extends AtomicBoolean implements Runnable {

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
