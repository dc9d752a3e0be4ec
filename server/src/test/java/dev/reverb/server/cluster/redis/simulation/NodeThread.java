package dev.reverb.server.cluster.redis.simulation;

import dev.reverb.server.cluster.redis.base.Clock;
import dev.reverb.server.cluster.redis.base.Scheduler;
import java.time.Duration;
import java.util.ArrayDeque;

/** A node's one thread and its clock: tasks in order, which stop while the node is frozen, and end when it crashes. */
final class NodeThread implements Scheduler, Clock {

    private final World world;
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final long skewMillis;
    private boolean waking;
    private boolean dead;
    private long frozenUntil;

    NodeThread(World world) {
        this.world = world;
        skewMillis = world.random.nextLong(-2000, 2000);
    }

    @Override
    public long nanos() {
        return world.nanos();
    }

    @Override
    public long millis() {
        return world.millis() + skewMillis;
    }

    void freeze(long nanos) {
        frozenUntil = Math.max(frozenUntil, world.nanos() + nanos);
    }

    void crash() {
        dead = true;
        tasks.clear();
    }

    @Override
    public void execute(Runnable task) {
        if (!dead) {
            tasks.add(task);
            wake(world.delay(100));
        }
    }

    private void wake(long nanos) {
        if (!waking) {
            waking = true;
            world.after(nanos, this::turn);
        }
    }

    private void turn() {
        waking = false;
        if (world.nanos() < frozenUntil) {
            wake(frozenUntil - world.nanos());
            return;
        }
        for (int left = tasks.size(); left > 0 && !dead; left--) {
            run(tasks.remove());
        }
        if (!tasks.isEmpty()) {
            wake(world.delay(20));
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            StackTraceElement[] stack = e.getStackTrace();
            world.fault("a task failed: " + e + (stack.length == 0 ? "" : " at " + stack[0]));
        }
    }

    @Override
    public void schedule(Runnable task, Duration delay) {
        world.after(delay.toNanos(), () -> execute(task));
    }

    @Override
    public Repetition every(Duration period, Runnable task) {
        boolean[] cancelled = {false};
        repeat(period, task, cancelled);
        return () -> cancelled[0] = true;
    }

    private void repeat(Duration period, Runnable task, boolean[] cancelled) {
        schedule(() -> {
            if (!cancelled[0]) {
                run(task);
                repeat(period, task, cancelled);
            }
        }, period);
    }
}
