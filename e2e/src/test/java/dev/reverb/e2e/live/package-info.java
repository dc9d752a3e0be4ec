/** Tests of the judge itself. */
@NullMarked
package dev.reverb.e2e.live;

import org.jspecify.annotations.NullMarked;
