/** How much this node, or all nodes together, may keep in Redis. */
@NullMarked
package dev.reverb.server.cluster.redis.budget;

import org.jspecify.annotations.NullMarked;
