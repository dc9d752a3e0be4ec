package dev.reverb.e2e.cluster;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition, with an upper bound, and says at the end what was seen instead. */
public final class Await {
    private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();

    /**
     * {@code REVERB_E2E_PATIENCE}: how many times longer than a quick machine this one may take. Bounds are there to
     * end a
     * test that hangs, not to judge a machine.
     */
    private static final int PATIENCE = Integer.parseInt(System.getenv().getOrDefault("REVERB_E2E_PATIENCE", "3"));

    private Await() {}

    /**
     * Returns as soon as the condition holds.
     *
     * @param most multiplied by {@link #PATIENCE}
     * @param what continues the sentence "waited 5 s for …"
     * @param seen describes the present state for the failure's message
     * @return how long it took
     * @throws AssertionError when it did not hold in time
     */
    public static Duration until(String what, Duration most, BooleanSupplier condition, Supplier<String> seen) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > most.toNanos() * PATIENCE) {
                throw new AssertionError(
                        "waited " + most.toSeconds() * PATIENCE + " s for " + what + "; seen: " + seen.get());
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Lets time pass while a test watches that nothing happens, or that something goes on. */
    public static void pass(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            LockSupport.parkNanos(Math.max(1, end - System.nanoTime()));
        }
    }
}
