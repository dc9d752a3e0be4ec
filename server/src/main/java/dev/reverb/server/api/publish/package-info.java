/**
 * Events and batches: read and validated whole, published once for an idempotency key, answered when the broker has
 * accepted them. On the event loop that read the request.
 */
@NullMarked
package dev.reverb.server.api.publish;

import org.jspecify.annotations.NullMarked;
