package dev.reverb.server.cluster.redis;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The {@link Quota}s of all applications. Loop only, but for {@link #lastKnown}. */
final class Quotas {

    private static final Duration GATHER = Duration.ofMillis(10);

    private final LocalNode node;
    private final Link link;
    private final Map<String, Quota> byApp = new HashMap<>();
    private final Map<String, Integer> totals = new ConcurrentHashMap<>();

    Quotas(LocalNode node, Link link) {
        this.node = node;
        this.link = link;
    }

    Quota of(String app) {
        return byApp.computeIfAbsent(app, a -> new Quota(a, node, link, GATHER, total -> totals.put(a, total)));
    }

    /** Connections of an application over all nodes, as last heard. Any thread. */
    int lastKnown(String app) {
        return totals.getOrDefault(app, 0);
    }

    void linkUp() {
        byApp.values().forEach(Quota::tell);
    }

    void linkDown() {
        byApp.values().forEach(Quota::decideAlone);
    }

    /** Takes the connections of a dead owner out of all applications' totals, then runs {@code done}. */
    void remove(String owner, Runnable done) {
        link.<Set<byte[]>>send(c -> c.smembers(node.keys.apps()), (apps, e) -> {
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
                byte[][] keys = {node.keys.quota(new String(app, java.nio.charset.StandardCharsets.UTF_8))};
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
