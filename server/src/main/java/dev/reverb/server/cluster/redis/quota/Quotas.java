package dev.reverb.server.cluster.redis.quota;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.link.Command;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.Script;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The {@link Quota}s of all applications. Cluster thread only, but for {@link #lastKnown}. */
public final class Quotas {

    private static final Duration GATHER = Duration.ofMillis(10);
    /** Between two attempts to remove an owner. */
    private static final Duration RETRY = Duration.ofMillis(500);

    private final ClusterNode node;
    private final Link link;
    private final Consumer<String> leaseLost;
    private final Map<String, Quota> byApp = new HashMap<>();
    private final Map<String, Integer> totals = new ConcurrentHashMap<>();

    /** @param leaseLost receives an owner of this node that Redis reports as reaped */
    public Quotas(ClusterNode node, Link link, Consumer<String> leaseLost) {
        this.node = node;
        this.link = link;
        this.leaseLost = leaseLost;
    }

    public Quota of(String app) {
        return byApp.computeIfAbsent(app,
                a -> new Quota(a, node, link, GATHER, total -> totals.put(a, total), leaseLost));
    }

    /** Connections of an application over all nodes, as of the last reply. Any thread. */
    public int lastKnown(String app) {
        return totals.getOrDefault(app, 0);
    }

    public void linkUp() {
        byApp.values().forEach(Quota::sendAgain);
    }

    public void linkDown() {
        byApp.values().forEach(Quota::decideAlone);
    }

    /**
     * Takes the connections of a dead owner out of all applications' totals, then runs {@code done}. Tries again until
     * Redis has done it.
     */
    public void remove(String owner, Runnable done) {
        link.send(new Command.Members(node.keys().apps()), (apps, _) -> {
            if (apps == null) {
                node.scheduler().schedule(() -> remove(owner, done), RETRY);
                return;
            }
            int[] left = {1 + apps.size()};
            Runnable one = () -> {
                if (--left[0] == 0) {
                    done.run();
                }
            };
            for (byte[] app : apps) {
                remove(owner, new String(app, UTF_8), one);
            }
            one.run();
        });
    }

    private void remove(String owner, String app, Runnable done) {
        byte[] zero = Keyspace.bytes(0);
        byte[][] keys = {node.keys().quota(app)};
        byte[][] arguments = {Keyspace.bytes(owner), zero, zero, zero, zero, Keyspace.bytes(1)};
        link.run(Script.QUOTA, keys, arguments, (reply, _) -> {
            if (reply == null) {
                node.scheduler().schedule(() -> remove(owner, app, done), RETRY);
            } else {
                done.run();
            }
        });
    }
}
