/**
 * The client and server libraries of the JVM, unchanged, against a real server: what applications written with them
 * rely on. Called by JUnit; a {@link dev.reverb.server.clients.Subscriber} gets reports on its library's
 * threads and is asked from the one test that opened it.
 */
@NullMarked
package dev.reverb.server.clients;

import org.jspecify.annotations.NullMarked;
