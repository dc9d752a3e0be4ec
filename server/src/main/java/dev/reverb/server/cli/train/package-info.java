/**
 * {@code reverb train}: a server and a client in one process, from which the JVM learns what a start needs. Called by
 * the launcher and by builds of images, on the main thread.
 */
@NullMarked
package dev.reverb.server.cli.train;

import org.jspecify.annotations.NullMarked;
