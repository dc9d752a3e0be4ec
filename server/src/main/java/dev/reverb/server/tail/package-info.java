/**
 * What happens to an application, line by line, for whoever reads along: {@code reverb tail} and the debug stream. Any
 * thread writes a line and none of them waits; while nobody reads, no line is made.
 */
@NullMarked
package dev.reverb.server.tail;

import org.jspecify.annotations.NullMarked;
