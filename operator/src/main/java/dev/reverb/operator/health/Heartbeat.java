package dev.reverb.operator.health;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Whether an executor still gets to its tasks: each question gives it an empty one, and it lives while one was run
 * within {@code patience}. What the tasks wait for, an API server that is away for one, is no matter as long as threads
 * come free. Any thread; a question never waits.
 */
public final class Heartbeat {
    private final Executor executor;
    private final Duration patience;
    private final LongSupplier nanoTime;
    private final AtomicLong last;
    private final AtomicBoolean asked = new AtomicBoolean();

    /** Watches {@code executor}, which may be busy for {@code patience}. */
    public Heartbeat(Executor executor, Duration patience, LongSupplier nanoTime) {
        this.executor = executor;
        this.patience = patience;
        this.nanoTime = nanoTime;
        last = new AtomicLong(nanoTime.getAsLong());
    }

    /** Whether the executor ran a task lately. */
    public boolean beats() {
        if (asked.compareAndSet(false, true)) {
            try {
                executor.execute(() -> {
                    last.set(nanoTime.getAsLong());
                    asked.set(false);
                });
            } catch (RejectedExecutionException _) {
                return true; // it is being stopped
            }
        }
        return nanoTime.getAsLong() - last.get() < patience.toNanos();
    }
}
