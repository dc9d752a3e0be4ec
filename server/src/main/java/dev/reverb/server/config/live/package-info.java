/**
 * The settings in force: read once at start, and applications and credentials of Redis anew when a file changes.
 * Read by all; a thread of its own looks at the files.
 */
@NullMarked
package dev.reverb.server.config.live;

import org.jspecify.annotations.NullMarked;
