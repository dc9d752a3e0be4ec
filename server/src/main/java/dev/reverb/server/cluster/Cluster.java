package dev.reverb.server.cluster;

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

    /** Whether other nodes with live leases serve now (false in memory); no I/O. */
    boolean othersServe();

    /** Gives this node's lease back, so that its entries go at once, and closes the link. Blocks at most 2 s. */
    @Override
    void close();
}
