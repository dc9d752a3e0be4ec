package dev.reverb.server.cluster;

/** How far this node's own connections are behind what they were handed. Asked often, from any thread; no I/O. */
@FunctionalInterface
public interface Backlog {

    /**
     * Bytes of publications that wait: to be written to connections and, as far as is known, to be read by the
     * clients; in
     * the loop that is furthest behind.
     */
    long bytes();

    /**
     * How long it takes to know that something was read on a line that is idle; nanoseconds, 0 where it is not known.
     */
    default long lineNanos() {
        return 0;
    }
}
