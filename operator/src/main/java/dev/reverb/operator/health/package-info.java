/**
 * The operator's own health and metrics, on a port of their own. Requests are served on virtual threads; what is read
 * is safe to read from any of them.
 */
@NullMarked
package dev.reverb.operator.health;

import org.jspecify.annotations.NullMarked;
