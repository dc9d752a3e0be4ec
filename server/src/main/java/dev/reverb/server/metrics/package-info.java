/**
 * What is counted. Hot counters are plain fields that one loop writes and the scrape reads; rare ones are adders that
 * any
 * thread may touch. One catalogue names every meter, and the reference page is generated from it.
 */
@NullMarked
package dev.reverb.server.metrics;

import org.jspecify.annotations.NullMarked;
