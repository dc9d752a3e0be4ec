package dev.reverb.server.cluster.redis.quota;

import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.Script;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Messages of applications, added up in Redis: numbers for graphs. What is counted while Redis is away is added when it
 * is back; what was on its way as the link broke may be missing. Cluster thread only.
 */
public final class MessageCounters {

    /** How long the total of an application without messages is kept. */
    private static final Duration KEPT = Duration.ofDays(30);

    /** To be added. */
    private record Increment(long sent, long received) {
        private Increment plus(Increment more) {
            return new Increment(sent + more.sent, received + more.received);
        }
    }

    private final ClusterNode node;
    private final Link link;
    private final Map<String, Increment> waiting = new HashMap<>();

    public MessageCounters(ClusterNode node, Link link) {
        this.node = node;
        this.link = link;
    }

    /** Adds messages that were sent to, and received from, clients of this node. */
    public void add(String app, long sent, long received) {
        waiting.merge(app, new Increment(sent, received), Increment::plus);
        if (link.up()) {
            waiting.forEach(this::send);
            waiting.clear();
        }
    }

    private void send(String app, Increment increment) {
        byte[][] arguments = {Keyspace.bytes(increment.sent), Keyspace.bytes(increment.received),
                Keyspace.bytes(KEPT.toMillis())};
        link.run(Script.MESSAGES, new byte[][]{node.keys().messages(app)}, arguments, (_, _) -> {});
    }
}
