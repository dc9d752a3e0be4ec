/**
 * A cluster's spec with every default resolved: names, labels, times, images, credentials. Pure values; they know
 * neither a client nor a clock, and any thread may use them.
 */
@NullMarked
package dev.reverb.operator.plan;

import org.jspecify.annotations.NullMarked;
