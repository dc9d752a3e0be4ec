package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.config.ScalingConfig;
import dev.reverb.server.config.ScalingConfig.RedisConfig;
import dev.reverb.server.config.ScalingConfig.Topology;
import dev.reverb.server.config.ScalingConfig.WhenDown;
import dev.reverb.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Settings of nodes in tests: a lease short enough to wait for. */
final class Configs {

    static final Duration LEASE = Duration.ofSeconds(3);

    private Configs() {}

    static ScalingConfig single(String address) {
        return of(Topology.SINGLE, List.of(address), WhenDown.HOLD);
    }

    /** A node that has reached Redis. */
    static RedisCluster connected(ScalingConfig config, ClusterEvents events) {
        return connected(config, events, Balance.NONE);
    }

    /** A node that has reached Redis, and announces {@code balance}'s connections. */
    static RedisCluster connected(ScalingConfig config, ClusterEvents events, Balance balance) {
        RedisCluster cluster = LinkFault.NONE.start(config, events, () -> 0, balance);
        Await.until(Duration.ofSeconds(20), () -> "Redis not reached", cluster::linkUp);
        return cluster;
    }

    /** The same with another lease. */
    static ScalingConfig withLease(ScalingConfig config, Duration lease) {
        return new ScalingConfig(true, config.prefix(), config.redis(), lease, config.retention(), config.whenDown(),
                true);
    }

    /** The same with another prefix of keys. */
    static ScalingConfig withPrefix(ScalingConfig config, String prefix) {
        return new ScalingConfig(true, prefix, config.redis(), config.lease(), config.retention(), config.whenDown(),
                true);
    }

    /** With another Redis. */
    static ScalingConfig over(RedisConfig redis) {
        return new ScalingConfig(true, "test", redis, LEASE, Duration.ofSeconds(60), WhenDown.HOLD, true);
    }

    static ScalingConfig of(Topology topology, List<String> addresses, WhenDown whenDown) {
        return new ScalingConfig(true, "test",
                new RedisConfig(addresses, topology,
                        topology == Topology.SENTINEL ? Optional.of("main") : Optional.empty(), Optional.empty(),
                        Optional.empty(), Optional.empty(), 0, false, Optional.empty(), true, Duration.ofSeconds(60)),
                LEASE, Duration.ofSeconds(60), whenDown, true);
    }
}
