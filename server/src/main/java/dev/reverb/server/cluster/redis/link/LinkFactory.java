package dev.reverb.server.cluster.redis.link;

import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.config.ScalingConfig.RedisConfig;
import dev.reverb.server.config.ScalingConfig.Topology;

/**
 * Makes a node's link. {@link #LETTUCE} is the one that servers use; tests wrap it to lose or change what passes.
 */
@FunctionalInterface
public interface LinkFactory {

    /** The link for what the configuration says there is: one server, with or without Sentinel, or a Cluster. */
    LinkFactory LETTUCE = (config, loop, node, listener) -> config.topology() == Topology.CLUSTER
            ? new RedisClusterLink(config, loop, node, listener)
            : new RedisServerLink(config, loop, node, listener);

    /** Makes the link; it connects once {@link Link#start} is called. */
    Link create(RedisConfig config, ClusterEventLoop loop, ClusterNode node, Link.Listener listener);
}
