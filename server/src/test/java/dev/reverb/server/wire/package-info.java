/**
 * The wire contract, tested from outside: clients of our own that control every byte, against a real server on a real
 * socket. Nothing here looks into the server beyond starting it. Called by JUnit, tests run concurrently; a client
 * reads on a virtual thread of its own and may be used from the one test that opened it.
 */
@NullMarked
package dev.reverb.server.wire;

import org.jspecify.annotations.NullMarked;
