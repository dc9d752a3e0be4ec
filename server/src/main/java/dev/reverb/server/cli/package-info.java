/**
 * The command line: {@code reverb start}, {@code restart}, {@code check}, {@code publish}, {@code tail}; the form of
 * the log, signals, and the file by which a running server is found.
 * Runs on the main thread; signals come on threads of the JVM's own.
 */
@NullMarked
package dev.reverb.server.cli;

import org.jspecify.annotations.NullMarked;
