/** Tests of {@code dev.reverb.server.protocol}. */
@NullMarked
package dev.reverb.server.protocol;

import org.jspecify.annotations.NullMarked;
