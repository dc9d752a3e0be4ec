package dev.reverb.server.cluster;

import dev.reverb.server.cluster.message.ChannelId;
import java.util.function.Predicate;

/** How far this node's own connections are behind what they were handed. Asked often, from any thread; no I/O. */
@FunctionalInterface
public interface Backlog {

    /**
     * Bytes of publications that wait: to be written to connections and, as far as is known, to be read by the
     * clients; in
     * the loop that is furthest behind.
     */
    long bytes();

    /** The part of {@link #bytes} that is not yet written to connections. */
    default long unwrittenBytes() {
        return bytes();
    }

    /** Bytes of publications that one loop was handed since the start, whoever published; 0 where it is not known. */
    default long deliveredBytes() {
        return 0;
    }

    /** Whether clients of a channel that matches have not read what was written to them. */
    default boolean unreadIn(Predicate<ChannelId> channels) {
        return false;
    }

    /**
     * How long it takes to know that something was read on a line that is idle; nanoseconds, 0 where it is not known.
     */
    default long lineNanos() {
        return 0;
    }
}
