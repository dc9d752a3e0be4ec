/**
 * How far clients have read what was written to them, measured with pings, so that publishers on other nodes can be
 * held back. See decision 7.
 */
@NullMarked
package dev.reverb.server.transport.flow;

import org.jspecify.annotations.NullMarked;
