/** Tests of the load: the walkers alone, and whole loads against floors that run as processes. */
@NullMarked
package dev.reverb.bench.load;

import org.jspecify.annotations.NullMarked;
