package dev.reverb.server.cluster.redis.flow;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.base.Scheduler;
import dev.reverb.server.cluster.redis.link.Command;
import dev.reverb.server.cluster.redis.link.Link;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps publishers from outrunning subscribers on other nodes. A node whose connections have more waiting than its
 * bound
 * leaves messages in the log, publishes which partitions it lags in, and reads on as its connections drain. The other
 * nodes write nothing to those partitions for a moment; publications wait there, unacknowledged, up to a bound,
 * and beyond it are refused. A sign of lag is repeated while it holds and forgotten when it is not, so that a node that
 * dies lagging stops nobody. Cluster thread only.
 */
public final class FlowControl {

    /** First byte of its messages, on the topic of requests, where positions start with a digit. */
    public static final byte MARK = 'L';

    /** How long a sign of lag holds when it is not repeated. */
    public static final long GATE_NANOS = 1_000_000_000L;

    /** What flow control does with this node's side of a partition. */
    public interface Partitions {

        /** Other nodes lag in it: write nothing more for {@link #GATE_NANOS}. */
        void gate(int partition);

        /** They have caught up. */
        void ungate(int partition);

        /** This node's connections have room again: read on. */
        void catchUp(int partition);
    }

    private static final Duration LOOK = Duration.ofMillis(5);
    private static final long REPEAT_NANOS = 200_000_000L;

    private final ClusterNode node;
    private final Link link;
    private final ConsumerLag lag;
    private final Partitions partitions;
    private final Set<Integer> lagging = new HashSet<>();
    /** Who lags, by partition, and when it last said so. */
    private final Map<Integer, Map<String, Long>> laggards = new HashMap<>();
    private Scheduler.@Nullable Repetition looking;
    private long reportedAt;

    public FlowControl(ClusterNode node, Link link, ConsumerLag lag, Partitions partitions) {
        this.node = node;
        this.link = link;
        this.lag = lag;
        this.partitions = partitions;
    }

    /** How many partitions this node lags in. */
    public int partitions() {
        return lagging.size();
    }

    /** This node lags in a partition, or has caught up there. */
    public void lagging(int partition, boolean lags) {
        if (lags) {
            if (lagging.add(partition)) {
                report(partition, true);
            }
            if (looking == null) {
                reportedAt = node.clock().nanos();
                looking = node.scheduler().every(LOOK, this::look);
            }
        } else if (lagging.remove(partition)) {
            report(partition, false);
        }
    }

    private void look() {
        if (node.clock().nanos() - reportedAt > REPEAT_NANOS) {
            reportedAt = node.clock().nanos();
            lagging.forEach(partition -> report(partition, true));
        }
        if (lag.low()) {
            for (int partition : Set.copyOf(lagging)) {
                partitions.catchUp(partition);
            }
        }
        if (lagging.isEmpty() && looking != null) {
            looking.cancel();
            looking = null;
        }
    }

    private void report(int partition, boolean lags) {
        if (!link.up()) {
            return;
        }
        byte[] message = Keyspace.bytes((char) MARK + node.identity().id() + " " + partition + " " + (lags ? 1 : 0));
        byte[] topic = node.keys().topic(Keyspace.CONTROL);
        link.send(new Command.Publish(topic, message), (_, _) -> {});
    }

    /** Takes what another node publishes of its lag. */
    public void onMessage(byte[] message) {
        String[] words = new String(message, 1, message.length - 1, UTF_8).split(" ");
        if (words.length != 3 || words[0].equals(node.identity().id())) {
            return;
        }
        int partition = Integer.parseInt(words[1]);
        Map<String, Long> slow = laggards.computeIfAbsent(partition, p -> new HashMap<>());
        long now = node.clock().nanos();
        slow.values().removeIf(said -> now - said > GATE_NANOS);
        if (words[2].equals("1")) {
            slow.put(words[0], now);
            partitions.gate(partition);
        } else {
            slow.remove(words[0]);
            if (slow.isEmpty()) {
                laggards.remove(partition);
                partitions.ungate(partition);
            }
        }
    }
}
