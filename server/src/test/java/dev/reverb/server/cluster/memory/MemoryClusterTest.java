package dev.reverb.server.cluster.memory;

import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.cluster.LocalState;
import dev.reverb.server.cluster.NodeContract;

/** The contract in memory, for one node by itself. */
final class MemoryClusterTest extends NodeContract {

    @Override
    protected Cluster start(ClusterEvents events, LocalState local) {
        return new MemoryCluster(events, local);
    }
}
