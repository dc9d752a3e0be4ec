package dev.reverb.server.cluster;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what has to come about, up to a bound. */
public final class Await {

    private Await() {}

    /** Fails, saying what there is instead, when {@code condition} does not hold within {@code limit}. */
    public static void until(Duration limit, Supplier<String> instead, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + limit + "; instead: " + instead.get());
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    /** Whether {@code condition} comes to hold within {@code limit}. */
    public static boolean holds(Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            LockSupport.parkNanos(2_000_000);
        }
        return true;
    }
}
