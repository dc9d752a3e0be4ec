/** Tests of the HTTP API without sockets. */
@NullMarked
package dev.reverb.server.api;

import org.jspecify.annotations.NullMarked;
