/**
 * What the tests of several modules share: a Pusher client ({@link WireClient}), a back end that signs
 * ({@link ApiClient}), frames and HTTP byte by byte, and waiting with a bound. It knows the wire alone, never the
 * server's code: a mistake of the server's own encoder or signer is not repeated here.
 */
@NullMarked
package dev.reverb.testkit;

import org.jspecify.annotations.NullMarked;
