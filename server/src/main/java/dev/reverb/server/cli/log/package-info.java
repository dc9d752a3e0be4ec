/**
 * The form of the log, as text or JSON lines. Any thread logs; a thread of its own writes, so that nobody waits for who
 * reads the log.
 */
@NullMarked
package dev.reverb.server.cli.log;

import org.jspecify.annotations.NullMarked;
