/**
 * The two reconcilers: each observes, validates, acts and reports, in this order. The framework's threads call them;
 * reconciles of one resource never overlap, those of different resources run at the same time.
 */
@NullMarked
package dev.reverb.operator.reconcile;

import org.jspecify.annotations.NullMarked;
