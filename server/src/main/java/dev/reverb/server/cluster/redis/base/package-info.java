/**
 * Names, limits, time and the thread of one node's link. Depends on nothing else of the cluster over Redis.
 */
@NullMarked
package dev.reverb.server.cluster.redis.base;

import org.jspecify.annotations.NullMarked;
