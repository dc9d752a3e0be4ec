package dev.reverb.server.cluster.message;

/**
 * Where a publication stands in its channel's history. Origin and number are its proof: no other publication has both,
 * in no history.
 *
 * @param millis when it was written, by the clock of the history; 0 where numbers alone make the order
 * @param sequence its order among those of the same time
 * @param origin the node that published it; {@code !} and the history's identity where nothing was published yet
 * @param number the origin's number of it; grows with every publication of that node to that channel
 */
public record HistoryPoint(long millis, long sequence, String origin, long number) implements Comparable<HistoryPoint> {

    private static final String NOTHING = "!";

    /** The end of a history in which nothing was published up to that time. */
    public static HistoryPoint nothing(String identity, long millis, long sequence) {
        return new HistoryPoint(millis, sequence, NOTHING + identity, 0);
    }

    /** Whether nothing was published up to here. */
    public boolean isNothing() {
        return origin.startsWith(NOTHING);
    }

    /** The order of one history; says nothing where the histories differ. */
    @Override
    public int compareTo(HistoryPoint other) {
        int byTime = Long.compare(millis, other.millis);
        return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
}
