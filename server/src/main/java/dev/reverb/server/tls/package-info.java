/**
 * Certificates: PEM files read into Netty's TLS context, watched, and read again when renewed.
 * Loaded by the command line's thread, reloaded by the watcher's, asked for by event loops for every new connection.
 */
@NullMarked
package dev.reverb.server.tls;

import org.jspecify.annotations.NullMarked;
