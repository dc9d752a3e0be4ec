/** Floors that misbehave, run as processes by the tests of the load. */
@NullMarked
package dev.reverb.bench.floor;

import org.jspecify.annotations.NullMarked;
