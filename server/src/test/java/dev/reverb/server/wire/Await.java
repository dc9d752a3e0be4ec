package dev.reverb.server.wire;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Waits for what another process or thread brings about, with an upper bound. */
public final class Await {

    private static final long PAUSE_NANOS = 5_000_000;

    private Await() {}

    /** Awaits that {@code condition} holds; fails the test after {@link HttpSocket#PATIENCE}. */
    public static void until(String what, BooleanSupplier condition) {
        value(what, () -> condition.getAsBoolean() ? true : null);
    }

    /** Awaits that {@code probe} finds a value; fails the test after {@link HttpSocket#PATIENCE}. */
    public static <T> T value(String what, Supplier<@Nullable T> probe) {
        return value(what, HttpSocket.PATIENCE, probe);
    }

    /** Awaits that {@code probe} finds a value; fails the test after {@code bound}. */
    public static <T> T value(String what, Duration bound, Supplier<@Nullable T> probe) {
        long deadline = System.nanoTime() + bound.toNanos();
        while (true) {
            T found = probe.get();
            if (found != null) {
                return found;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited " + bound.toMillis() + " ms for " + what);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
