/** Tests of {@code dev.reverb.server.transport}. */
@NullMarked
package dev.reverb.server.transport;

import org.jspecify.annotations.NullMarked;
