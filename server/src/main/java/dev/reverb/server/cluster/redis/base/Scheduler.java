package dev.reverb.server.cluster.redis.base;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * Runs tasks one at a time, in order, on the one thread that owns all state of the link between nodes. An exception in
 * a task is logged and ends neither the thread nor a repeated task. Any thread may call any method.
 */
public interface Scheduler extends Executor {

    /** A task that runs again and again. */
    interface Repetition {

        /** Ends it. Harmless when it has ended. */
        void cancel();
    }

    /** Runs {@code task} after everything that was given before. */
    @Override
    void execute(Runnable task);

    /** Runs {@code task} once, after {@code delay}. */
    void schedule(Runnable task, Duration delay);

    /** Runs {@code task} again and again, {@code period} after it ended the last time. */
    Repetition every(Duration period, Runnable task);
}
