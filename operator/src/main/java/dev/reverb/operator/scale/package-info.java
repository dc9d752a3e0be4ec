/**
 * The built-in autoscaler: how many servers a number of connections needs. Pure but for its memory of recent needs;
 * confined to the reconciles of one cluster.
 */
@NullMarked
package dev.reverb.operator.scale;

import org.jspecify.annotations.NullMarked;
