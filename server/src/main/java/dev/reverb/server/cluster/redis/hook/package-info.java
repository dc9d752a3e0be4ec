/**
 * Events that wait in Redis for webhooks: which node sends those of which partition, in order, until each is done.
 */
@NullMarked
package dev.reverb.server.cluster.redis.hook;

import org.jspecify.annotations.NullMarked;
