/**
 * The loads: one class for each kind of row, which fills a server with clients and says what was measured. Called
 * by the rows. Everything runs on the one thread that owns the {@link dev.reverb.bench.crowd.LoadLoop}.
 */
@NullMarked
package dev.reverb.bench.load;

import org.jspecify.annotations.NullMarked;
