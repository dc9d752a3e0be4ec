package dev.reverb.server.cluster.redis.base;

import dev.reverb.server.cluster.redis.budget.MemoryLimits;
import java.time.Duration;
import java.util.SplittableRandom;

/** A {@link ClusterNode} of a test, with a lease of 10 s. */
public final class ManualNode {

    private ManualNode() {}

    /** A node whose time {@code scheduler} keeps. */
    public static ClusterNode of(ManualScheduler scheduler) {
        SplittableRandom random = new SplittableRandom(7);
        Duration lease = Duration.ofSeconds(9);
        return new ClusterNode(NodeIdentity.create(random), scheduler, scheduler, random, new Keyspace("test", 0),
                new ClusterTiming(lease, lease.dividedBy(3), Duration.ofSeconds(6), Duration.ofMinutes(1),
                        Duration.ofMillis(5)),
                ClusterCounters.create(), new MemoryLimits(1_000_000, 500_000, 10_000, 100_000, 400_000, 100_000,
                        1_000_000, 100_000_000, 32_000));
    }
}
