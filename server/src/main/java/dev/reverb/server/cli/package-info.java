/**
 * The command line: {@code Main} finds the command that is called, and answers for what goes wrong. The commands are
 * in the packages below. Runs on the main thread.
 */
@NullMarked
package dev.reverb.server.cli;

import org.jspecify.annotations.NullMarked;
