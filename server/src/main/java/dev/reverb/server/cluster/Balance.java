package dev.reverb.server.cluster;

import java.util.OptionalInt;

/**
 * How nodes announce their numbers of connections to each other, with the heartbeats that they send anyway; implemented
 * by the server.
 * Called on the cluster's thread: an implementation returns quickly and never blocks.
 */
public interface Balance {

    /** That of a node that takes no part: it counts for nothing, and does not care. */
    Balance NONE = new Balance() {
        @Override
        public OptionalInt connections() {
            return OptionalInt.empty();
        }

        @Override
        public boolean moving() {
            return false;
        }

        @Override
        public void onLoad(ClusterLoad load) {}

        @Override
        public void onLinkDown() {}
    };

    /** Connections to this node; empty while it takes none, so that nobody counts on it. */
    OptionalInt connections();

    /** Whether this node closes connections, or may soon, so that they move to other nodes. */
    boolean moving();

    /** What all nodes have, as of their last heartbeats; this node's is part of it if it announced any. */
    void onLoad(ClusterLoad load);

    /** The link to the others is lost: what was announced may be wrong from now on, until it is announced again. */
    void onLinkDown();
}
