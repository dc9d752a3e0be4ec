package dev.reverb.server.listener;

/**
 * Listens to what happens on a node. Implementations are found by {@link java.util.ServiceLoader}: name yours in
 * {@code META-INF/services/dev.reverb.server.listener.ReverbListener} of a jar in the folder that
 * {@code server.listeners} names, or on the class path.
 */
@FunctionalInterface
public interface ReverbListener {

    /**
     * Called for every event, one at a time and in order, on one thread that serves this listener alone. What it
     * throws is
     * logged, at most once a second. Events that come while 10,000 wait are dropped and counted: a slow listener slows
     * nobody.
     */
    void on(ReverbEvent event);
}
