package dev.reverb.server.cluster;

import java.time.Duration;
import java.util.Optional;

/** The ports of one node to all others, started together and closed together. */
public interface Cluster extends AutoCloseable {

    /** This node's id, random at every start; never 0 characters. */
    String node();

    /** Publications. */
    Broker broker();

    /** Entries that this node owns. */
    SharedState state();

    /** Questions over all nodes. */
    ClusterQueries queries();

    /** What channels keep. */
    Histories histories();

    /** Events for webhooks. */
    default Webhooks.Outbox outbox() {
        return (_, _, _) -> {};
    }

    /** Gives what happens from now on to {@code webhooks}, and what waits from before. Once, after the start. */
    default void serve(Webhooks webhooks) {}

    /** Requests that are carried out once over all nodes. */
    default IdempotencyKeys idempotencyKeys() {
        return IdempotencyKeys.ALONE;
    }

    /** Whether other nodes with live leases serve now (false in memory); no I/O. */
    boolean othersServe();

    /** Whether this node's link to the others works (always in memory, where there are none); no I/O. */
    boolean linkUp();

    /** Why {@link #linkUp} is false, with the address and Redis's own words; empty while it is true. Any thread. */
    default Optional<String> trouble() {
        return Optional.empty();
    }

    /** What the link has done, as of now; empty where there is none. Any thread, no I/O. */
    Optional<ClusterStatistics> meters();

    /**
     * Waits a moment for what this node holds to be written, gives its lease back, so that its entries go at once, and
     * closes the link. Blocks at most 7 s.
     */
    @Override
    default void close() {
        close(Duration.ZERO);
    }

    /**
     * The same; members that this node still has go after {@code linger}, or up to a third of a lease later, unless
     * other nodes have them by then.
     */
    void close(Duration linger);
}
