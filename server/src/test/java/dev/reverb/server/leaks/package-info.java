/** Netty's leak detection for the tests of the server: a leaked buffer fails the build. */
@NullMarked
package dev.reverb.server.leaks;

import org.jspecify.annotations.NullMarked;
