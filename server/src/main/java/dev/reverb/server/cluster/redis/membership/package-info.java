/**
 * This node's lease, the removal of what other nodes left behind, and the order of restarts.
 */
@NullMarked
package dev.reverb.server.cluster.redis.membership;

import org.jspecify.annotations.NullMarked;
