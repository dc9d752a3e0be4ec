/** Tests of {@code dev.reverb.server.session}. */
@NullMarked
package dev.reverb.server.session;

import org.jspecify.annotations.NullMarked;
