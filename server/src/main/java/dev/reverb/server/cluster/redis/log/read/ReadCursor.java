package dev.reverb.server.cluster.redis.log.read;

import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.Script;
import org.jspecify.annotations.Nullable;

/**
 * Writes to Redis how far this node has read one partition, so that its log keeps what this node has not. Heartbeats do
 * so too; under load it has to be earlier. Cluster thread only.
 */
final class ReadCursor {

    /** In place of a sequence: this node reads no more. */
    private static final byte[] NONE = Keyspace.bytes("-");

    private final int partition;
    private final ClusterNode node;
    private final Link link;
    /** Bytes read since the last time. */
    private long unreported;

    ReadCursor(int partition, ClusterNode node, Link link) {
        this.partition = partition;
        this.node = node;
        this.link = link;
    }

    /** The argument of {@code sweep.lua} that is about to be sent; empty for a node that has not read yet. */
    byte[] at(@Nullable Position position) {
        unreported = 0;
        return position == null ? new byte[0] : Keyspace.bytes(position.sequence());
    }

    /** So many bytes more were read, up to {@code position}. */
    void advance(int bytes, Position position) {
        unreported += bytes;
        if (unreported > node.logs().step()) { // or publishers at full speed would wait for the next heartbeat
            send(at(position));
        }
    }

    /** Nothing is read any more. */
    void end() {
        send(NONE);
    }

    private void send(byte[] cursor) {
        link.run(Script.SWEEP, new byte[][]{node.keys().origins(partition)},
                new byte[][]{node.identity().idBytes(), cursor}, (_, _) -> {});
    }
}
