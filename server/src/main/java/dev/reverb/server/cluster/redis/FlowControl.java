package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps publishers from outrunning subscribers on other nodes. A node whose connections have more waiting than its
 * bound
 * leaves messages in the log, tells all nodes which partitions it lags in, and reads on as its connections drain. Nodes
 * that hear so write nothing to those partitions for a moment; publications wait there, unacknowledged, up to a bound,
 * and beyond it are refused. A sign of lag is repeated while it holds and forgotten when it is not, so that a node that
 * dies lagging stops nobody. Loop only.
 */
final class FlowControl {

    /** First byte of its messages, on the topic of requests, where positions start with a digit. */
    static final byte MARK = 'L';

    private static final Duration LOOK = Duration.ofMillis(5);
    private static final long REPEAT_NANOS = 200_000_000L;

    private final LocalNode node;
    private final Link link;
    private final Outbox[] outboxes;
    private final Inbox[] inboxes;
    private final Set<Integer> lagging = new HashSet<>();
    /** Who lags, by partition, and when it last said so. */
    private final Map<Integer, Map<String, Long>> laggards = new HashMap<>();
    private @Nullable ScheduledFuture<?> looking;
    private long toldAt;

    FlowControl(LocalNode node, Link link, Outbox[] outboxes, Inbox[] inboxes) {
        this.node = node;
        this.link = link;
        this.outboxes = outboxes;
        this.inboxes = inboxes;
    }

    /** How many partitions this node lags in. */
    int partitions() {
        return lagging.size();
    }

    /** This node lags in a partition, or has caught up there. */
    void lagging(int partition, boolean lags) {
        if (lags) {
            if (lagging.add(partition)) {
                tell(partition, true);
            }
            if (looking == null) {
                toldAt = System.nanoTime();
                looking = node.loop.every(LOOK, this::look);
            }
        } else if (lagging.remove(partition)) {
            tell(partition, false);
        }
    }

    private void look() {
        if (System.nanoTime() - toldAt > REPEAT_NANOS) {
            toldAt = System.nanoTime();
            lagging.forEach(partition -> tell(partition, true));
        }
        if (node.lag.low()) {
            for (int partition : Set.copyOf(lagging)) {
                inboxes[partition].catchUp();
            }
        }
        if (lagging.isEmpty() && looking != null) {
            looking.cancel(false);
            looking = null;
        }
    }

    private void tell(int partition, boolean lags) {
        if (!node.switches.flow() || !link.up()) {
            return;
        }
        byte[] message = Keyspace.bytes((char) MARK + node.id + " " + partition + " " + (lags ? 1 : 0));
        byte[] topic = node.keys.topic(Keyspace.CONTROL);
        link.<Long>send(c -> link.slots() && link.publishVerb()[0] == 'S' ? c.spublish(topic, message)
                : c.publish(topic, message), (n, e) -> {});
    }

    /** What another node tells. */
    void onMessage(byte[] message) {
        String[] words = new String(message, 1, message.length - 1, UTF_8).split(" ");
        if (words.length != 3 || words[0].equals(node.id)) {
            return;
        }
        int partition = Integer.parseInt(words[1]);
        Map<String, Long> slow = laggards.computeIfAbsent(partition, p -> new HashMap<>());
        long now = System.nanoTime();
        slow.values().removeIf(said -> now - said > Outbox.GATE_NANOS);
        if (words[2].equals("1")) {
            slow.put(words[0], now);
            outboxes[partition].gate();
        } else {
            slow.remove(words[0]);
            if (slow.isEmpty()) {
                laggards.remove(partition);
                outboxes[partition].ungate();
            }
        }
    }
}
