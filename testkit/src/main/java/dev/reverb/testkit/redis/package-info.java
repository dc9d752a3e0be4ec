/** Redis as processes that can be killed, paused and cut off. */
@NullMarked
package dev.reverb.testkit.redis;

import org.jspecify.annotations.NullMarked;
