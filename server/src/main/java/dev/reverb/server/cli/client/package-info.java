/**
 * {@code reverb publish} and {@code reverb tail}: commands that call the HTTP API of a running server as an application
 * does. Runs on the main thread.
 */
@NullMarked
package dev.reverb.server.cli.client;

import org.jspecify.annotations.NullMarked;
