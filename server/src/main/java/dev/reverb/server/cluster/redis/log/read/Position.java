package dev.reverb.server.cluster.redis.log.read;

import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.redis.frame.Entry;

/**
 * Where an entry stands in a partition's log: its id in the Redis stream, whose second part is the partition's
 * sequence.
 *
 * @param millis when it was appended, by the clock of Redis; never goes back within one history
 * @param sequence 1, 2, 3, … without gaps within one history
 */
record Position(long millis, long sequence) {

    /** Two numbers of 64 bits, a dash and a space. */
    private static final int LONGEST = 42;

    static final Position START = new Position(0, 0);

    static Position parse(byte[] id) {
        return parse(id, id.length);
    }

    /** Where the position that a message begins with ends, at a space; -1 when it begins with none. */
    static int end(byte[] message) {
        int dash = -1;
        for (int i = 0; i < message.length && i < LONGEST; i++) {
            byte b = message[i];
            if (b == '-' && dash < 0 && i > 0) {
                dash = i;
            } else if (b == ' ') {
                return dash > 0 && i > dash + 1 ? i : -1;
            } else if (b < '0' || b > '9') {
                return -1;
            }
        }
        return -1;
    }

    /** Reads the first {@code length} bytes. */
    static Position parse(byte[] id, int length) {
        long millis = 0;
        long sequence = 0;
        int i = 0;
        while (i < length && id[i] != '-') {
            millis = millis * 10 + (id[i++] - '0');
        }
        for (i++; i < length; i++) {
            sequence = sequence * 10 + (id[i] - '0');
        }
        return new Position(millis, sequence);
    }

    /** Where an entry of the frame of {@code origin} here stands in its channel's history; see {@code write.lua}. */
    HistoryPoint place(String origin, Entry.Kept kept) {
        return new HistoryPoint(millis, sequence * 16384 + kept.place(), origin, kept.number());
    }

    /** The end of a history that has nothing up to here. */
    HistoryPoint nothing(String identity) {
        return HistoryPoint.nothing(identity, millis, sequence * 16384 + 16383);
    }

    /** Whether {@code next} follows this one with nothing between, in the same history. */
    boolean precedes(Position next) {
        return next.sequence == sequence + 1 && next.millis >= millis;
    }

    /** Whether {@code other} lies in the past of this one, in the same history. */
    boolean covers(Position other) {
        return other.sequence <= sequence && other.millis <= millis;
    }

    @Override
    public String toString() {
        return millis + "-" + sequence;
    }
}
