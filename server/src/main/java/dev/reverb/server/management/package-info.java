/**
 * Health and metrics on a port of their own, off the event loops: a scrape, however large, delays no message. Runs on
 * virtual threads.
 */
@NullMarked
package dev.reverb.server.management;

import org.jspecify.annotations.NullMarked;
