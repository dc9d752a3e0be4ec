package dev.reverb.server.cluster.redis.log;

/**
 * Where an entry stands in a partition's log: its id in the Redis stream, whose second part is the partition's
 * sequence.
 *
 * @param millis when it was appended, by the clock of Redis; never goes back within one history
 * @param sequence 1, 2, 3, … without gaps within one history
 */
record Position(long millis, long sequence) {

    static final Position START = new Position(0, 0);

    static Position parse(byte[] id) {
        return parse(id, id.length);
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
