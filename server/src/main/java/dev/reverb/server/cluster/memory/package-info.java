/**
 * The cluster of one node: nothing to carry, everything known locally. Every call completes before it returns, on the
 * caller's thread.
 */
@NullMarked
package dev.reverb.server.cluster.memory;

import org.jspecify.annotations.NullMarked;
