/**
 * Server processes under measurement: starting, pinning, stopping, and what the kernel says of their time and memory.
 * Called by the rows, on the load thread.
 */
@NullMarked
package dev.reverb.bench.target;

import org.jspecify.annotations.NullMarked;
