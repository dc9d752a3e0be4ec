/**
 * The connection to Redis. The only package that knows Lettuce; everything else sees {@link
 * dev.reverb.server.cluster.redis.link.Link}.
 */
@NullMarked
package dev.reverb.server.cluster.redis.link;

import org.jspecify.annotations.NullMarked;
