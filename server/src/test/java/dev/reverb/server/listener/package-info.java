/** Tests of {@code dev.reverb.server.listener}. */
@NullMarked
package dev.reverb.server.listener;

import org.jspecify.annotations.NullMarked;
