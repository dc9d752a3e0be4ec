package dev.reverb.server.cluster.redis.quota;

import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.link.Command;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.Script;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The {@link Quota}s of all applications. Cluster thread only, but for {@link #lastKnown}. */
public final class Quotas {

    private static final Duration GATHER = Duration.ofMillis(10);

    private final ClusterNode node;
    private final Link link;
    private final Map<String, Quota> byApp = new HashMap<>();
    private final Map<String, Integer> totals = new ConcurrentHashMap<>();

    public Quotas(ClusterNode node, Link link) {
        this.node = node;
        this.link = link;
    }

    public Quota of(String app) {
        return byApp.computeIfAbsent(app, a -> new Quota(a, node, link, GATHER, total -> totals.put(a, total)));
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

    /** Takes the connections of a dead owner out of all applications' totals, then runs {@code done}. */
    public void remove(String owner, Runnable done) {
        link.send(new Command.Members(node.keys().apps()), (apps, e) -> {
            if (apps == null) {
                return;
            }
            int[] left = {1 + apps.size()};
            Runnable one = () -> {
                if (--left[0] == 0) {
                    done.run();
                }
            };
            for (byte[] app : apps) {
                byte[] zero = Keyspace.bytes(0);
                byte[][] keys = {node.keys().quota(new String(app, java.nio.charset.StandardCharsets.UTF_8))};
                byte[][] arguments = {Keyspace.bytes(owner), zero, zero, zero, zero, Keyspace.bytes(1)};
                link.run(Script.QUOTA, keys, arguments, (reply, e2) -> {
                    if (reply != null) {
                        one.run();
                    }
                });
            }
            one.run();
        });
    }
}
