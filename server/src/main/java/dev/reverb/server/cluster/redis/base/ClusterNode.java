package dev.reverb.server.cluster.redis.base;

import java.util.random.RandomGenerator;

/**
 * What every part of one node's link needs: who the node is, its thread, its time and its limits. Tests make one with a
 * manual clock.
 *
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
        MemoryLimits limits) {}
