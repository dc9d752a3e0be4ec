/**
 * The form of what nodes write to each other: operations that wait, joined into numbered frames, and read again.
 */
@NullMarked
package dev.reverb.server.cluster.redis.frame;

import org.jspecify.annotations.NullMarked;
