package dev.reverb.server.cluster.redis.base;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.PriorityQueue;

/** A clock that stands still and a scheduler without a thread: a test moves both. Not shared between threads. */
public final class ManualScheduler implements Scheduler, Clock {

    private static final class Task {
        private final long at;
        private final long number;
        private final Runnable action;
        private boolean cancelled;

        Task(long at, long number, Runnable action) {
            this.at = at;
            this.number = number;
            this.action = action;
        }
    }

    private final ArrayDeque<Runnable> now = new ArrayDeque<>();
    private final PriorityQueue<Task> later = new PriorityQueue<>(
            (a, b) -> a.at == b.at ? Long.compare(a.number, b.number) : Long.compare(a.at, b.at));
    private long nanos = 1;
    private long setBack;
    private long tasks;

    @Override
    public long nanos() {
        return nanos;
    }

    @Override
    public long millis() {
        return 1_700_000_000_000L + nanos / 1_000_000 - setBack;
    }

    /** Sets the machine's clock, and no interval, back. */
    public void setBack(Duration by) {
        setBack += by.toMillis();
    }

    @Override
    public void execute(Runnable task) {
        now.add(task);
    }

    @Override
    public void schedule(Runnable task, Duration delay) {
        at(delay, task);
    }

    @Override
    public Repetition every(Duration period, Runnable task) {
        Task[] current = {null};
        boolean[] cancelled = {false};
        Runnable[] again = {() -> {}};
        again[0] = () -> {
            task.run();
            if (!cancelled[0]) {
                current[0] = at(period, again[0]);
            }
        };
        current[0] = at(period, again[0]);
        return () -> {
            cancelled[0] = true;
            current[0].cancelled = true;
        };
    }

    private Task at(Duration delay, Runnable action) {
        Task task = new Task(nanos + delay.toNanos(), tasks++, action);
        later.add(task);
        return task;
    }

    /** Runs what is to run now. */
    public void run() {
        for (Runnable task = now.poll(); task != null; task = now.poll()) {
            task.run();
        }
    }

    /** Lets time pass, and runs what falls due. */
    public void advance(Duration by) {
        run();
        long end = nanos + by.toNanos();
        while (!later.isEmpty() && later.peek().at <= end) {
            Task task = later.remove();
            nanos = task.at;
            if (!task.cancelled) {
                task.action.run();
            }
            run();
        }
        nanos = end;
    }
}
