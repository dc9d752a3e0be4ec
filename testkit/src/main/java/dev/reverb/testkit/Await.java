package dev.reverb.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits on the calling thread for what another thread, process or machine brings about, with an upper bound, by asking
 * again: every 2 ms at first, every 100 ms after ten seconds, so that a probe that costs much is not asked all the
 * time. Conditions may throw; what they throw ends the wait.
 */
public final class Await {

    /** The bound of a wait that names none: far more than anything takes on a busy machine. */
    public static final Duration PATIENCE = Duration.ofSeconds(45);

    /**
     * {@code REVERB_TEST_PATIENCE}, 1 without it: how many times longer than its bound a wait may last on a slow
     * machine. Bounds end a test that hangs; they do not judge a machine.
     */
    private static final int FACTOR = Integer.parseInt(System.getenv().getOrDefault("REVERB_TEST_PATIENCE", "1"));

    private static final long SHORTEST_PAUSE_NANOS = 2_000_000;
    private static final long LONGEST_PAUSE_NANOS = 100_000_000;

    /** A pause is this part of the time waited so far, so that the answer comes late by one per cent at most. */
    private static final int PAUSE_DIVISOR = 100;

    private Await() {}

    /** Awaits that {@code condition} holds; fails the test after {@link #PATIENCE}. */
    public static void until(String what, BooleanSupplier condition) {
        value(what, () -> condition.getAsBoolean() ? true : null);
    }

    /**
     * Fails the test, with {@code instead} in its message, when {@code condition} does not hold within {@code limit}.
     */
    public static void until(Duration limit, Supplier<String> instead, BooleanSupplier condition) {
        if (!holds(limit.multipliedBy(FACTOR), condition)) {
            throw new AssertionError("not within " + limit.multipliedBy(FACTOR) + "; instead: " + instead.get());
        }
    }

    /** Awaits that {@code probe} finds a value; fails the test after {@link #PATIENCE}. */
    public static <T> T value(String what, Supplier<@Nullable T> probe) {
        return value(what, PATIENCE, probe);
    }

    /** Awaits that {@code probe} finds a value; fails the test after {@code bound}. */
    public static <T> T value(String what, Duration bound, Supplier<@Nullable T> probe) {
        T found = poll(bound.multipliedBy(FACTOR), probe);
        if (found == null) {
            throw new AssertionError("waited " + bound.multipliedBy(FACTOR).toMillis() + " ms for " + what);
        }
        return found;
    }

    /**
     * Awaits that {@code condition} holds; fails the test after {@code bound}.
     *
     * @param what continues the sentence "waited 5 s for …"
     * @param seen describes the present state for the failure's message
     * @return how long it took
     */
    public static Duration until(String what, Duration bound, BooleanSupplier condition, Supplier<String> seen) {
        long start = System.nanoTime();
        if (!holds(bound.multipliedBy(FACTOR), condition)) {
            throw new AssertionError(
                    "waited " + bound.toSeconds() * FACTOR + " s for " + what + "; seen: " + seen.get());
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Whether {@code condition} comes to hold within {@code limit}, which is taken as it is. */
    public static boolean holds(Duration limit, BooleanSupplier condition) {
        return poll(limit, () -> condition.getAsBoolean() ? true : null) != null;
    }

    /** Lets time pass while a test watches that nothing happens, or that something goes on. */
    public static void pass(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            LockSupport.parkNanos(Math.max(1, end - System.nanoTime()));
        }
    }

    private static <T> @Nullable T poll(Duration bound, Supplier<@Nullable T> probe) {
        long start = System.nanoTime();
        while (true) {
            T found = probe.get();
            if (found != null) {
                return found;
            }
            long waited = System.nanoTime() - start;
            if (waited > bound.toNanos()) {
                return null;
            }
            LockSupport.parkNanos(Math.clamp(waited / PAUSE_DIVISOR, SHORTEST_PAUSE_NANOS, LONGEST_PAUSE_NANOS));
        }
    }
}
