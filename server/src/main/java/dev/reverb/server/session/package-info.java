/**
 * The Pusher protocol on one connection: a message goes in, an {@link dev.reverb.server.session.Effect} comes out. No
 * sockets, no threads, no clock: whoever calls passes the time, and carries the effect out.
 */
@NullMarked
package dev.reverb.server.session;

import org.jspecify.annotations.NullMarked;
