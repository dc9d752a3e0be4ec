package dev.reverb.server.cluster.redis.base;

import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * What time it is on Redis, from the replies to heartbeats, and what time it was there at an earlier moment though its
 * clock was set since, or another server took over. Cluster thread only.
 */
public final class RedisClock {

    /** Both clocks are read in whole milliseconds. */
    private static final long ROUNDING_MILLIS = 2;
    /** By how much replies come sooner or later, for no step of a clock. */
    private static final long JITTER_MILLIS = 20;
    static final int REMEMBERED = 16; // steps

    /** From {@code millis} here on, Redis was never less ahead of this node than that. */
    private record Ahead(long millis, long by) {}

    private final Clock clock;
    /** In the order of time, and each further ahead than the one before. */
    private final ArrayDeque<Ahead> steps = new ArrayDeque<>();
    private boolean known;

    public RedisClock(Clock clock) {
        this.clock = clock;
    }

    /** Notes that it is {@code redisMillis} on Redis now. */
    public void set(long redisMillis) {
        known = true;
        long from = clock.millis();
        long by = redisMillis - from;
        while (!steps.isEmpty() && steps.getLast().by >= by) {
            from = Math.min(from, steps.removeLast().millis);
        }
        if (steps.isEmpty() || by > steps.getLast().by + JITTER_MILLIS) {
            steps.add(new Ahead(from, by));
        }
        if (steps.size() > REMEMBERED) {
            steps.removeFirst();
        }
    }

    /** The next Redis may have another clock. */
    public void forget() {
        known = false;
    }

    public boolean known() {
        return known;
    }

    /**
     * What time it was on Redis when it was {@code millis} here, once {@link #known}. The result is early by the time
     * that a reply took, or by what the clock of Redis was set back since; it is late only where that clock was set
     * forward after {@code millis} and before the first reply that this node ever had.
     */
    public long at(long millis) {
        Iterator<Ahead> all = steps.iterator();
        long by = all.next().by;
        while (all.hasNext()) {
            Ahead next = all.next();
            if (next.millis > millis) {
                break;
            }
            by = next.by;
        }
        return millis + by - ROUNDING_MILLIS;
    }

    int remembered() {
        return steps.size();
    }
}
