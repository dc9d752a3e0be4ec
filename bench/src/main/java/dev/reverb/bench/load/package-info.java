/**
 * The load side: sockets that subscribe, publish and count, light enough not to be what is measured. Called by the
 * rows. Everything runs on the one thread that owns the {@link dev.reverb.bench.load.LoadLoop}.
 */
@NullMarked
package dev.reverb.bench.load;

import org.jspecify.annotations.NullMarked;
