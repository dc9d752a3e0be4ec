/**
 * Writes and reads the logs of partitions: one writer and one reader for each.
 */
@NullMarked
package dev.reverb.server.cluster.redis.log;

import org.jspecify.annotations.NullMarked;
