/**
 * The server as one object: {@link dev.reverb.server.ReverbServer} puts the parts together, drains and closes them.
 * Called
 * by the command line and by tests, from any thread.
 */
@NullMarked
package dev.reverb.server;

import org.jspecify.annotations.NullMarked;
