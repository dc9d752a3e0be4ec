/**
 * What the operator was installed with, from its environment. Immutable values, read once at start by the main thread
 * and handed to everything else.
 */
@NullMarked
package dev.reverb.operator.settings;

import org.jspecify.annotations.NullMarked;
