/**
 * HTTP/1.1 on accepted sockets: heads, bodies, replies, keep-alive and pipelining. A connection belongs to one event
 * loop and only that loop touches it.
 */
@NullMarked
package dev.reverb.server.transport.http;

import org.jspecify.annotations.NullMarked;
