/**
 * The Autobahn suite against the WebSocket pipeline of the server: an echo behind the real pipeline, and a run of the
 * suite in a process of its own. Run by the build after the tests, on its main thread.
 */
@NullMarked
package dev.reverb.server.autobahn;

import org.jspecify.annotations.NullMarked;
