/**
 * The floor: a server that does one write and one flush of a pre-encoded frame per subscriber and nothing else. Run as
 * a process of its own by {@code dev.reverb.bench.target}. One Netty event loop.
 */
@NullMarked
package dev.reverb.bench.floor;

import org.jspecify.annotations.NullMarked;
