package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.redis.base.Clock;
import dev.reverb.server.cluster.redis.base.Scheduler;
import dev.reverb.server.cluster.redis.link.ClusterEventLoop;
import dev.reverb.server.cluster.redis.link.LinkFactory;
import dev.reverb.server.cluster.redis.link.ReplaceableLink;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * What a node's side of the cluster runs on. Servers bring the machine's; the simulation brings its own, so that a seed
 * decides all that happens.
 *
 * @param scheduler the one thread that owns the state
 * @param clock its time
 * @param random spreads attempts, and names the node
 * @param links makes the link to Redis, and another one when its settings change
 * @param end ends the thread, after the link was closed
 */
public record ClusterRuntime(
        Scheduler scheduler,
        Clock clock,
        RandomGenerator random,
        ReplaceableLink.Maker links,
        Runnable end) {

    /** A thread of its own, the system's clock, and links that {@code links} makes. */
    static ClusterRuntime ofMachine(LinkFactory links) {
        ClusterEventLoop loop = new ClusterEventLoop();
        return new ClusterRuntime(loop, Clock.SYSTEM, new SplittableRandom(),
                (config, node, listener) -> links.create(config, loop, node, listener), loop::close);
    }
}
