/**
 * The ports between nodes over Redis: single, Sentinel or Cluster, by Lettuce. Entered through
 * {@link dev.reverb.server.cluster.redis.RedisCluster} alone; everything else runs on one event loop of its own, which
 * is also the one that reads Redis, so that nothing in here is locked. Decisions: {@code
 * docs/decisions/0002-between-nodes.md}.
 */
@NullMarked
package dev.reverb.server.cluster.redis;

import org.jspecify.annotations.NullMarked;
