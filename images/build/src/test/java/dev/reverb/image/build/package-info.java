/** Images of a tiny program, assembled and run for real. */
@NullMarked
package dev.reverb.image.build;

import org.jspecify.annotations.NullMarked;
