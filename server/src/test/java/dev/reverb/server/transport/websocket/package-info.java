/** Tests of {@code dev.reverb.server.transport.websocket}. */
@NullMarked
package dev.reverb.server.transport.websocket;

import org.jspecify.annotations.NullMarked;
