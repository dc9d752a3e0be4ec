package dev.reverb.server.cluster.redis.membership;

import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.Script;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;

/**
 * Nodes that are to restart do so one at a time. A node has its turn until its lease ends, which is when it has
 * drained and stopped; the next one begins when there are as many nodes as before, so that the clients of one never
 * come back to nobody. If no successor comes within a minute, it goes on without. Whoever has its turn knows by then
 * how many nodes live, so that its clients are sent to the successor at once. Cluster thread only.
 */
public final class RestartLock {

    private static final Duration SUCCESSOR = Duration.ofMinutes(1);

    private final ClusterNode node;
    private final Link link;
    private final Consumer<Control> act;
    private final IntSupplier nodes;
    private final IntConsumer alive;
    private final Set<String> waiting = new HashSet<>();

    /**
     * @param nodes how many nodes have live leases, as this one knows it
     * @param alive takes how many there are, as Redis knows it
     */
    public RestartLock(ClusterNode node, Link link, Consumer<Control> act, IntSupplier nodes, IntConsumer alive) {
        this.node = node;
        this.link = link;
        this.act = act;
        this.nodes = nodes;
        this.alive = alive;
    }

    /** This node restarts when it is its turn. */
    public void await(Control.Restart restart) {
        if (waiting.add(restart.requestId())) {
            attempt(restart, nodes.getAsInt());
        }
    }

    private void attempt(Control.Restart restart, int before) {
        byte[][] keys = {node.keys().turn(), node.keys().leases()};
        byte[][] arguments = {node.identity().ownerBytes(), Keyspace.bytes(before),
                Keyspace.bytes(SUCCESSOR.toMillis())};
        link.run(Script.TURN, keys, arguments, (reply, e) -> {
            if (reply != null && (Long) reply.getFirst() == 1) {
                alive.accept(((Long) reply.get(1)).intValue());
                act.accept(restart);
            } else {
                node.scheduler().schedule(() -> attempt(restart, before), node.timing().beat().dividedBy(2));
            }
        });
    }
}
