/**
 * Event loops, what the handlers of one loop and of one server share, and time-outs: one tick per loop drives them all.
 */
@NullMarked
package dev.reverb.server.transport.loop;

import org.jspecify.annotations.NullMarked;
