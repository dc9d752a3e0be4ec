/**
 * Sockets: accept, HTTP heads and bodies, the WebSocket handshake, frames, pings, backpressure, closing. A connection
 * belongs to one event loop and is touched by it alone; one tick per loop drives all time-outs.
 */
@NullMarked
package dev.reverb.server.transport;

import org.jspecify.annotations.NullMarked;
