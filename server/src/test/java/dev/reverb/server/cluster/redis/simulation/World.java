package dev.reverb.server.cluster.redis.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/** Virtual time: what happens next, and chance. One thread. */
final class World {

    /** The clock of the machine at the start, milliseconds since 1970. */
    static final long EPOCH_MILLIS = 1_700_000_000_000L;
    static final long MILLI = 1_000_000;

    private record Event(long at, long number, Runnable task) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(number, other.number);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final List<String> faults = new ArrayList<>();
    final SplittableRandom random;
    private long now;
    private long number;

    World(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Nanoseconds since the start. */
    long nanos() {
        return now;
    }

    long millis() {
        return EPOCH_MILLIS + now / MILLI;
    }

    void at(long nanos, Runnable task) {
        events.add(new Event(Math.max(nanos, now), number++, task));
    }

    void after(long nanos, Runnable task) {
        at(now + nanos, task);
    }

    /** A time of up to {@code micros}, mostly short. */
    long delay(long micros) {
        long whole = random.nextLong(micros * 1000) + 1000;
        return random.nextInt(8) == 0 ? whole : whole / 8 + 1000;
    }

    void runUntil(long nanos) {
        for (Event next = events.peek(); next != null && next.at <= nanos; next = events.peek()) {
            events.remove();
            now = next.at;
            next.task.run();
        }
        now = nanos;
    }

    /** Something that must not happen, whatever the story is. */
    void fault(String what) {
        faults.add(now / MILLI + " ms: " + what);
    }

    List<String> faults() {
        return faults;
    }
}
