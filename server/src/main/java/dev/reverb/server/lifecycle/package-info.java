/**
 * Sends clients to other nodes: a drain before the process ends, a rebalance after a node has joined. Both close
 * connections in random order and at a pace. State belongs to the first event loop; nothing blocks.
 */
@NullMarked
package dev.reverb.server.lifecycle;

import org.jspecify.annotations.NullMarked;
