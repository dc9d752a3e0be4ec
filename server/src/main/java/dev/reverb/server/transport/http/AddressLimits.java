package dev.reverb.server.transport.http;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * How many WebSockets one client address may have, and how fast it may open them. An IPv6 address counts by its first
 * 64 bits, as one customer has all of the rest. Any thread; one map operation for a handshake, none for a message, and
 * nothing at all while both limits are off.
 */
public final class AddressLimits {
    /** Addresses that are remembered; beyond it new ones pass, as who has so many addresses is not stopped by this. */
    private static final int MOST = 100_000;

    private final int maxConnections;
    private final int perSecond;
    private final LongSupplier nanoClock;
    private final ConcurrentHashMap<String, Use> uses = new ConcurrentHashMap<>();
    private final AtomicLong nextSweep = new AtomicLong();

    /** What one address has: open connections, and how many it may open now. Immutable. */
    private record Use(int open, double allowance, long at) {}

    /** What is decided of a handshake. */
    public enum Decision {
        /** It may go on, and {@link #released} follows when its socket ends. */
        ADMITTED,
        /** The address has as many connections as it may. */
        TOO_MANY,
        /** The address opens connections faster than it may. */
        TOO_FAST
    }

    /**
     * @param maxConnections at one time, 0 for no limit
     * @param perSecond handshakes in the long run, twice as many in a burst; 0 for no limit
     * @param nanoClock goes on evenly, in nanoseconds
     */
    public AddressLimits(int maxConnections, int perSecond, LongSupplier nanoClock) {
        this.maxConnections = maxConnections;
        this.perSecond = perSecond;
        this.nanoClock = nanoClock;
    }

    /** Whether there is anything to ask. */
    public boolean any() {
        return maxConnections > 0 || perSecond > 0;
    }

    /** Asks for one more connection of {@code address}, a numeric address as Java writes it. */
    public Decision admit(String address) {
        String owner = owner(address);
        long now = nanoClock.getAsLong();
        if (uses.size() >= MOST) {
            sweep(now);
            if (uses.size() >= MOST && !uses.containsKey(owner)) {
                return Decision.ADMITTED;
            }
        }
        Decision[] decision = {Decision.ADMITTED};
        uses.compute(owner, (_, use) -> {
            Use before = use == null ? new Use(0, 2.0 * perSecond, now) : refilled(use, now);
            if (maxConnections > 0 && before.open >= maxConnections) {
                decision[0] = Decision.TOO_MANY;
                return before;
            }
            if (perSecond > 0 && before.allowance < 1) {
                decision[0] = Decision.TOO_FAST;
                return before;
            }
            return new Use(before.open + 1, before.allowance - 1, now);
        });
        return decision[0];
    }

    /** A connection of {@code address} that was admitted has ended. */
    public void released(String address) {
        long now = nanoClock.getAsLong();
        uses.computeIfPresent(owner(address), (_, use) -> {
            Use left = refilled(new Use(Math.max(0, use.open - 1), use.allowance, use.at), now);
            return idle(left) ? null : left;
        });
    }

    private Use refilled(Use use, long now) {
        double allowance = Math.min(2.0 * perSecond, use.allowance + (now - use.at) / 1e9 * perSecond);
        return new Use(use.open, allowance, now);
    }

    private boolean idle(Use use) {
        return use.open == 0 && use.allowance >= 2.0 * perSecond;
    }

    /** Forgets who has nothing open and may open all again, at most once a second. */
    private void sweep(long now) {
        long next = nextSweep.get();
        if (now - next >= 0 && nextSweep.compareAndSet(next, now + 1_000_000_000L)) {
            uses.values().removeIf(use -> idle(refilled(use, now)));
        }
    }

    private static String owner(String address) {
        int end = -1;
        for (int group = 0; group < 4; group++) {
            end = address.indexOf(':', end + 1);
            if (end < 0) {
                return address;
            }
        }
        return address.substring(0, end);
    }
}
