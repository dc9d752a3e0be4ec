/**
 * Who is subscribed to what, and fan-out. An event loop owns its connections and its part of every channel: nothing on
 * the way of a message is locked. Joining, leaving and presence take a lock per channel, for as long as a map look-up.
 * What reaches a loop goes through its inbox, and the inbox's order is the order that clients see.
 */
@NullMarked
package dev.reverb.server.channel;

import org.jspecify.annotations.NullMarked;
