package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.redis.flow.FlowControl;
import dev.reverb.server.cluster.redis.log.read.PartitionReader;
import dev.reverb.server.cluster.redis.log.write.PartitionWriter;

/** A node's partitions, as flow control sees them. Cluster thread only. */
@SuppressWarnings("ArrayRecordComponent") // both are filled after this is made
record FlowPartitions(PartitionWriter[] writers, PartitionReader[] readers) implements FlowControl.Partitions {

    @Override
    public void gate(int partition) {
        writers[partition].gate();
    }

    @Override
    public void ungate(int partition) {
        writers[partition].ungate();
    }

    @Override
    public void catchUp(int partition) {
        readers[partition].catchUp();
    }
}
