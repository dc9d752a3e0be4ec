/**
 * Applications: credentials, limits, and the registry that finds them. Values and one narrow port; read from any
 * thread, changed by the watcher's thread only.
 */
@NullMarked
package dev.reverb.server.app;

import org.jspecify.annotations.NullMarked;
