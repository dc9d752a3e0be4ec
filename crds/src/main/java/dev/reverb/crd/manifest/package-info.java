/**
 * Turns the generator's output into the manifests that are checked in and shipped. Run by the build, on its only
 * thread; nothing at run time calls it.
 */
@NullMarked
package dev.reverb.crd.manifest;

import org.jspecify.annotations.NullMarked;
