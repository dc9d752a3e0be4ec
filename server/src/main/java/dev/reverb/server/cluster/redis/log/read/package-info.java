/**
 * Reads the logs of partitions: one reader for each, what is recovered after a gap, and who is handed what was
 * read. State machines without I/O of their own. Cluster thread only.
 */
@NullMarked
package dev.reverb.server.cluster.redis.log.read;

import org.jspecify.annotations.NullMarked;
