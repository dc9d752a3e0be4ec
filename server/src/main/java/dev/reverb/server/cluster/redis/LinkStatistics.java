package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.ClusterStatistics;
import dev.reverb.server.cluster.redis.base.ClusterCounters;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.WriteBudget;
import dev.reverb.server.cluster.redis.flow.ConsumerLag;
import dev.reverb.server.cluster.redis.flow.FlowControl;
import dev.reverb.server.cluster.redis.log.write.PartitionWriter;

/** What the parts of a node's link have counted, in one record. Any thread. */
final class LinkStatistics {

    private LinkStatistics() {}

    static ClusterStatistics of(boolean linkUp, int nodes, WriteBudget budget, FlowControl flow, ConsumerLag lag,
            ClusterNode node, PartitionWriter[] writers) {
        ClusterCounters counters = node.counters();
        return new ClusterStatistics(linkUp, nodes, budget.held(), budget.retained(), flow.partitions(), lag.bytes(),
                counters.outages().sum(), counters.commands().sum(), counters.published().sum(),
                counters.received().sum(), counters.duplicates().sum(), counters.recoveries().sum(),
                counters.recovered().sum(), counters.lost().sum(), counters.replayed().sum(), counters.refused().sum(),
                counters.overShare().sum(), node.logs().total(), counters.reaped().sum(), counters.lapsed().sum(),
                counters.skipped().sum(), stalled(writers), counters.setAside().sum(), counters.errors().byCode());
    }

    private static int stalled(PartitionWriter[] writers) {
        int stalled = 0;
        for (PartitionWriter writer : writers) {
            stalled += writer.stalled() ? 1 : 0;
        }
        return stalled;
    }
}
