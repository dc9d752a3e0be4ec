/**
 * The signed HTTP API of Pusher Channels: events, batches, channels, users, connections. A request is validated whole
 * before any of it has an effect. Handlers run on the event loop that read the request and answer once, then or later.
 */
@NullMarked
package dev.reverb.server.api;

import org.jspecify.annotations.NullMarked;
