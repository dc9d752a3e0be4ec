/**
 * Sends webhooks: a queue for each endpoint, one request of it under way at a time, on event loops of their own, which
 * serve no client.
 */
@NullMarked
package dev.reverb.server.webhook.send;

import org.jspecify.annotations.NullMarked;
