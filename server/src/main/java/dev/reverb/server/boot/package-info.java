/**
 * Wiring: {@link dev.reverb.server.boot.ReverbServer} puts the parts of one server together, drains and closes them.
 * The command line and tests call it, from any thread.
 */
@NullMarked
package dev.reverb.server.boot;

import org.jspecify.annotations.NullMarked;
