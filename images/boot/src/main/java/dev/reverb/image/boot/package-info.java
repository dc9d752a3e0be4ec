/**
 * The first class that runs in an image: proves that the ahead-of-time cache belongs to the jars, then hands over.
 * Called by the Java launcher alone, on the main thread; knows nothing of the program it starts.
 */
@NullMarked
package dev.reverb.image.boot;

import org.jspecify.annotations.NullMarked;
