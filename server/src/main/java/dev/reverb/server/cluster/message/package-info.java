/**
 * What travels between nodes, as values: publications and the channels they go to, members, events for webhooks,
 * points of histories. Immutable; any thread.
 */
@NullMarked
package dev.reverb.server.cluster.message;

import org.jspecify.annotations.NullMarked;
