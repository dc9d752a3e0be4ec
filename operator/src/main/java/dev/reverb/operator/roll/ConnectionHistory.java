package dev.reverb.operator.roll;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;

/**
 * The cluster's connections over the last two minutes, which say whether reconnects have settled: three readings in a
 * row, over at least two seconds since the last server became ready or went away, that differ by no more than one
 * percent (or two connections). When the servers cannot be asked, the timeout decides alone. Confined to the cluster's
 * reconciles, which never overlap.
 */
public final class ConnectionHistory {
    private static final Duration SPAN = Duration.ofSeconds(2);
    private static final int READINGS = 3;

    private final Deque<Reading> readings = new ArrayDeque<>();

    private record Reading(Instant at, long connections) {}

    /** Adds a reading; an empty one means that not every ready server answered. */
    public void add(Instant at, OptionalLong connections) {
        if (connections.isEmpty()) {
            readings.clear();
            return;
        }
        readings.addLast(new Reading(at, connections.getAsLong()));
        while (readings.size() > 1 && readings.getFirst().at().plus(Duration.ofMinutes(2)).isBefore(at)) {
            readings.removeFirst();
        }
    }

    /**
     * Whether reconnects have settled.
     *
     * @param since the last change of a server's readiness or presence
     * @param timeout after which they count as settled whatever is read
     */
    public boolean settled(Instant since, Duration timeout, Instant now) {
        if (!since.plus(timeout).isAfter(now)) {
            return true;
        }
        long least = Long.MAX_VALUE;
        long most = Long.MIN_VALUE;
        int count = 0;
        Instant newest = null;
        for (Reading reading : (Iterable<Reading>) readings::descendingIterator) {
            if (reading.at().isBefore(since)) {
                break;
            }
            newest = newest == null ? reading.at() : newest;
            least = Math.min(least, reading.connections());
            most = Math.max(most, reading.connections());
            count++;
            boolean stable = most - least <= Math.max(2, most / 100);
            if (!stable) {
                return false;
            }
            if (count >= READINGS && Duration.between(reading.at(), newest).compareTo(SPAN) >= 0) {
                return true;
            }
        }
        return false;
    }
}
