/**
 * Clients that carry load: sockets that subscribe, publish and count, light enough not to be what is measured. Called
 * by the loads. Everything runs on the one thread that owns the {@link dev.reverb.bench.crowd.LoadLoop}. Frames and
 * signatures are the test kit's, made before they are measured; what reads replies and messages is not: the kit's
 * client has a thread for each connection and objects for each message, which would be what the load measures.
 */
@NullMarked
package dev.reverb.bench.crowd;

import org.jspecify.annotations.NullMarked;
