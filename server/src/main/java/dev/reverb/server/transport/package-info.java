/**
 * The listening socket and the event loops. {@code loop}: what one loop's handlers share, time-outs. {@code http}:
 * heads, bodies, replies. {@code websocket}: handshake, frames, connections. {@code flow}: how far clients have read.
 */
@NullMarked
package dev.reverb.server.transport;

import org.jspecify.annotations.NullMarked;
