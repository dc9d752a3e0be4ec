package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.redis.base.Clock;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Scheduler;
import dev.reverb.server.cluster.redis.link.Link;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;

/**
 * What a node's side of the cluster runs on. Servers bring the machine's; the simulation brings its own, so that a seed
 * decides all that happens.
 *
 * @param scheduler the one thread that owns the state
 * @param clock its time
 * @param random spreads attempts, and names the node
 * @param links makes the link to Redis; called once, before anything runs
 * @param end ends the thread, after the link was closed
 */
public record ClusterRuntime(
        Scheduler scheduler,
        Clock clock,
        RandomGenerator random,
        BiFunction<ClusterNode, Link.Listener, Link> links,
        Runnable end) {}
