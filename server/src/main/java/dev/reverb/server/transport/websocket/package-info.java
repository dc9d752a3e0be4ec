/**
 * WebSockets (RFC 6455): opening handshake, frames, pings, closing, backpressure. A connection belongs to one event
 * loop and only that loop touches it; what messages mean is decided by {@link dev.reverb.server.session.Session}.
 */
@NullMarked
package dev.reverb.server.transport.websocket;

import org.jspecify.annotations.NullMarked;
