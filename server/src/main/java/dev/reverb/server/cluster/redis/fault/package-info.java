/**
 * What Redis refuses: the catalogue of its errors, how each is counted, and when it is logged. Depends on nothing
 * else of the cluster over Redis. Cluster thread only; counters are read by any.
 */
@NullMarked
package dev.reverb.server.cluster.redis.fault;

import org.jspecify.annotations.NullMarked;
