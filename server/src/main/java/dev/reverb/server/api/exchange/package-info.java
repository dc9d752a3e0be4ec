/**
 * One request of the HTTP API and its reply: the query as it was signed, the names of attributes, errors as JSON.
 * Knows no socket. On the event loop that read the request; a reply is given once, from any thread.
 */
@NullMarked
package dev.reverb.server.api.exchange;

import org.jspecify.annotations.NullMarked;
