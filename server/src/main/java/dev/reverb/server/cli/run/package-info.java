/**
 * {@code reverb start} and {@code reverb restart}: the process of a server, its signals, and the file by which it is
 * found. Runs on the main thread; signals come on threads of the JVM's own.
 */
@NullMarked
package dev.reverb.server.cli.run;

import org.jspecify.annotations.NullMarked;
