/**
 * What the head of a request says, and what it may say: target, headers within bounds, addresses that a proxy
 * names. Knows no socket; called on the event loop that reads the request.
 */
@NullMarked
package dev.reverb.server.transport.http.head;

import org.jspecify.annotations.NullMarked;
