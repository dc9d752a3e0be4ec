package dev.reverb.server.cluster.redis.membership;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.Script;
import dev.reverb.server.cluster.redis.log.LogPage;
import dev.reverb.server.cluster.redis.log.PartitionReader;
import dev.reverb.server.cluster.redis.log.PartitionWriter;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Compares, once per heartbeat and after every outage, what each partition has with what this node wrote and read. It
 * finds what no error shows: a fail-over behind an unbroken link, a message lost on its way to a subscriber who gets no
 * later one. It also writes to Redis how far this node has read, so that logs keep what it has not. Cluster thread
 * only.
 */
public final class Sweep {

    private final ClusterNode node;
    private final Link link;
    private final PartitionWriter[] writers;
    private final PartitionReader[] readers;
    /** By partition, as last measured; -1 where it was not since the last heartbeat. */
    private final long[] sizes;

    public Sweep(ClusterNode node, Link link, PartitionWriter[] writers, PartitionReader[] readers) {
        this.node = node;
        this.link = link;
        this.writers = writers;
        this.readers = readers;
        this.sizes = new long[writers.length];
        Arrays.fill(sizes, -1);
    }

    public void run() {
        for (int p = 0; p < writers.length; p++) {
            PartitionWriter writer = writers[p];
            PartitionReader reader = readers[p];
            if (writer.used() || reader.listening()) {
                writer.beforeSweep();
                reader.beforeSweep();
                byte[][] keys = {node.keys().origins(p), node.keys().log(p)};
                int partition = p;
                link.run(Script.SWEEP, keys, new byte[][]{node.identity().idBytes(), reader.cursor(),
                        Keyspace.bytes(node.timing().retention().toMillis())}, (reply, e) -> {
                            if (reply != null) {
                                sizes[partition] = (Long) reply.get(2);
                                writer.swept(number(reply.get(0), -1));
                                reader.swept(number(reply.get(1), 0));
                            }
                        });
            }
        }
    }

    /** The sizes measured since the last call, as {@code lease.lua} wants them. */
    public byte[] sizes() {
        StringBuilder text = new StringBuilder();
        for (int p = 0; p < sizes.length; p++) {
            if (sizes[p] >= 0) {
                text.append(p).append(':').append(sizes[p]).append(' ');
                sizes[p] = -1;
            }
        }
        return Keyspace.bytes(text.toString());
    }

    private static long number(@Nullable Object field, long absent) {
        return field == null ? absent : LogPage.leadingNumber(new String((byte[]) field, UTF_8)).orElse(absent);
    }
}
