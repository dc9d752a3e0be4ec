package dev.reverb.server.cluster.redis.base;

import java.util.random.RandomGenerator;

/**
 * What every part of one node's link needs: who the node is, its thread, its time and its limits. Tests make one with a
 * manual clock.
 *
 * @param logs how large the logs in Redis are
 * @param refusals logs what Redis refuses though the link is up; cluster thread only
 * @param webhooks who is told of what happens, once somebody is
 * @param random spreads the attempts of nodes; cluster thread only
 */
public record ClusterNode(
        NodeIdentity identity,
        Scheduler scheduler,
        Clock clock,
        RandomGenerator random,
        Keyspace keys,
        ClusterTiming timing,
        ClusterCounters counters,
        MemoryLimits limits,
        LogBudget logs,
        RefusalLog refusals,
        WebhookPort webhooks) {

    public ClusterNode(NodeIdentity identity, Scheduler scheduler, Clock clock, RandomGenerator random, Keyspace keys,
            ClusterTiming timing, ClusterCounters counters, MemoryLimits limits) {
        this(identity, scheduler, clock, random, keys, timing, counters, limits, new LogBudget(limits),
                new RefusalLog(), new WebhookPort());
    }
}
