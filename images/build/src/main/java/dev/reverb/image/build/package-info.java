/**
 * Puts an image's file tree together: Java runtime, jars, native libraries, C library, AOT cache.
 * Called by Maven through {@link dev.reverb.image.build.Assemble}, on the main thread; nothing here is in an image.
 */
@NullMarked
package dev.reverb.image.build;

import org.jspecify.annotations.NullMarked;
