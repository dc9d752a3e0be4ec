package dev.reverb.server.cluster.redis.membership;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.Script;
import dev.reverb.server.cluster.redis.log.read.LogPage;
import dev.reverb.server.cluster.redis.log.read.PartitionReader;
import dev.reverb.server.cluster.redis.log.write.PartitionWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compares, once per heartbeat and after every outage, what each partition has with what this node wrote and read. It
 * finds what no error shows: a fail-over behind an unbroken link, a message lost on its way to a subscriber who gets no
 * later one. It also writes to Redis how far this node has read, so that logs keep what it has not. Cluster thread
 * only.
 */
public final class Sweep {

    private static final int EMPTY_EVERY = 16; // reports

    private final ClusterNode node;
    private final Link link;
    private final PartitionWriter[] writers;
    private final PartitionReader[] readers;
    /** By partition, as last measured; -1 where it was not since the last heartbeat. */
    private final long[] sizes;
    private final byte[][][] keys;
    /** By partition, what its histories take, as {@code lease.lua} wants it; null where it was not measured. */
    private final @Nullable String[] histories;
    /** Partitions whose log, or whose histories, had something when it was reported last. */
    private final BitSet logged = new BitSet();
    private final BitSet kept = new BitSet();
    private int reports;
    /** The partition that is looked at next though this node has nothing there: its histories may have ended. */
    private int other;

    public Sweep(ClusterNode node, Link link, PartitionWriter[] writers, PartitionReader[] readers) {
        this.node = node;
        this.link = link;
        this.writers = writers;
        this.readers = readers;
        this.sizes = new long[writers.length];
        this.histories = new String[writers.length];
        Arrays.fill(sizes, -1);
        this.keys = new byte[writers.length][][];
        Arrays.setAll(keys, p -> new byte[][]{node.keys().origins(p), node.keys().log(p)});
    }

    public void run() {
        other = (other + 1) % writers.length;
        logged.set(other); // whoever reported something there may be gone: what is found is reported, nothing too
        kept.set(other);
        for (int p = 0; p < writers.length; p++) {
            PartitionWriter writer = writers[p];
            PartitionReader reader = readers[p];
            if (writer.used() || reader.listening() || p == other) {
                writer.beforeSweep();
                reader.beforeSweep();
                int partition = p;
                link.run(Script.SWEEP, keys[p], arguments(p, reader), (reply, e) -> {
                    if (reply != null) {
                        sizes[partition] = (Long) reply.get(2);
                        histories[partition] = list((List<?>) reply.get(3));
                        node.histories().written((byte[]) reply.get(4));
                        writer.swept(number(reply.get(0), -1));
                        reader.swept(number(reply.get(1), 0));
                    }
                });
            }
        }
    }

    /** Whether this is the turn of an empty partition to be reported as such again. */
    private boolean again(int partition) {
        return (partition + reports) % EMPTY_EVERY == 0;
    }

    /**
     * The sizes measured since the last call, as {@code lease.lua} wants them. Most partitions are empty, and known to
     * be: those take their turns.
     */
    public byte[] sizes() {
        reports++;
        StringBuilder text = new StringBuilder();
        for (int p = 0; p < sizes.length; p++) {
            if (sizes[p] > 0 || (sizes[p] == 0 && (logged.get(p) || again(p)))) {
                text.append(p).append(':').append(sizes[p]).append(' ');
            }
            logged.set(p, sizes[p] > 0 || (logged.get(p) && sizes[p] < 0));
            sizes[p] = -1;
        }
        return Keyspace.bytes(text.toString());
    }

    private byte[][] arguments(int partition, PartitionReader reader) {
        List<byte[]> arguments = new ArrayList<>(8);
        arguments.add(node.identity().idBytes());
        arguments.add(reader.cursor());
        arguments.add(Keyspace.bytes(node.timing().retention().toMillis()));
        arguments.add(Keyspace.bytes(node.keys().base(partition)));
        arguments.add(Keyspace.bytes(node.histories().room()));
        for (String app : node.histories().large()) {
            arguments.add(Keyspace.bytes(app));
            arguments.add(Keyspace.bytes(node.histories().room(app)));
        }
        return arguments.toArray(byte[][]::new);
    }

    private static String list(List<?> apps) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i + 1 < apps.size(); i += 2) {
            text.append(' ').append(new String((byte[]) apps.get(i), UTF_8)).append(' ').append(apps.get(i + 1));
        }
        return text.toString();
    }

    /** What histories take, as far as it was measured since the last call. */
    public byte[] histories() {
        StringBuilder text = new StringBuilder();
        for (int p = 0; p < histories.length; p++) {
            String apps = histories[p];
            if (apps != null) {
                if (!apps.isEmpty() || kept.get(p) || again(p)) {
                    text.append(p).append(apps).append('\n');
                }
                kept.set(p, !apps.isEmpty());
                histories[p] = null;
            }
        }
        return Keyspace.bytes(text.toString());
    }

    private static long number(@Nullable Object field, long absent) {
        return field == null ? absent : LogPage.leadingNumber(new String((byte[]) field, UTF_8)).orElse(absent);
    }
}
