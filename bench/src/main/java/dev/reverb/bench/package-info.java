/**
 * The benchmark's command: which rows there are, how floor and server are set against each other, and the report.
 * Called by {@code bench/run}. One thread, the one that also carries the load.
 */
@NullMarked
package dev.reverb.bench;

import org.jspecify.annotations.NullMarked;
