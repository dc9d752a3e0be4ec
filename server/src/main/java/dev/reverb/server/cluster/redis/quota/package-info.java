/**
 * How many connections each application has over all nodes.
 */
@NullMarked
package dev.reverb.server.cluster.redis.quota;

import org.jspecify.annotations.NullMarked;
