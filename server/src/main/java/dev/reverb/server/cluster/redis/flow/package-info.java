/**
 * Keeps publishers from outrunning subscribers on other nodes.
 */
@NullMarked
package dev.reverb.server.cluster.redis.flow;

import org.jspecify.annotations.NullMarked;
