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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    private static final Pattern MESSAGE = Pattern.compile((char) MARK + "([0-9a-f]{1,32}) ([0-9]{1,3}) ([01])");
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
    private volatile int laggingNow;

    public FlowControl(ClusterNode node, Link link, ConsumerLag lag, Partitions partitions) {
        this.node = node;
        this.link = link;
        this.lag = lag;
        this.partitions = partitions;
    }

    /** How many partitions this node lags in. Any thread. */
    public int partitions() {
        return laggingNow;
    }

    /** This node lags in a partition, or has caught up there. */
    public void lagging(int partition, boolean lags) {
        if (lags) {
            if (lagging.add(partition)) {
                laggingNow = lagging.size();
                report(partition, true);
            }
            if (looking == null) {
                reportedAt = node.clock().nanos();
                looking = node.scheduler().every(LOOK, this::look);
            }
        } else if (lagging.remove(partition)) {
            laggingNow = lagging.size();
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

    /** Takes what another node publishes of its lag; what is nothing of that kind changes nothing. */
    public void onMessage(byte[] message) {
        Matcher words = MESSAGE.matcher(new String(message, UTF_8));
        if (!words.matches()) {
            node.counters().skipped().increment();
            return;
        }
        int partition = Integer.parseInt(words.group(2));
        if (partition > Keyspace.CONTROL || words.group(1).equals(node.identity().id())) {
            return;
        }
        Map<String, Long> slow = laggards.computeIfAbsent(partition, p -> new HashMap<>());
        long now = node.clock().nanos();
        slow.values().removeIf(said -> now - said > GATE_NANOS);
        if (words.group(3).equals("1")) {
            slow.put(words.group(1), now);
            partitions.gate(partition);
        } else {
            slow.remove(words.group(1));
            if (slow.isEmpty()) {
                laggards.remove(partition);
                partitions.ungate(partition);
            }
        }
    }
}
