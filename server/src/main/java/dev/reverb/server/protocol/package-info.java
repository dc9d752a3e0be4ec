/**
 * The Pusher protocol as values: messages, channel names and kinds, error catalogue, signatures, JSON at the byte
 * level.
 * Pure: values in, values out; imports neither Netty nor Lettuce. Any thread may call; scanners are used by one thread
 * at a time.
 */
@NullMarked
package dev.reverb.server.protocol;

import org.jspecify.annotations.NullMarked;
