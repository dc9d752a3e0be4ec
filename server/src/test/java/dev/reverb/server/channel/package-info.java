/** Tests of {@code dev.reverb.server.channel}. */
@NullMarked
package dev.reverb.server.channel;

import org.jspecify.annotations.NullMarked;
