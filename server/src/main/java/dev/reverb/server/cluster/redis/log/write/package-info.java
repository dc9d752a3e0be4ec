/**
 * Writes the logs of partitions: one writer for each, what it has not written yet, and what this node owns there.
 * State machines without I/O of their own. Cluster thread only.
 */
@NullMarked
package dev.reverb.server.cluster.redis.log.write;

import org.jspecify.annotations.NullMarked;
