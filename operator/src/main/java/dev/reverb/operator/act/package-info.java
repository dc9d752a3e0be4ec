/**
 * Changes what exists by server-side apply, one class per part of a cluster, and holds what a cluster's reconciles
 * remember. Called by reconciles, on their threads. Imports {@code observe} and {@code report}, never {@code
 * reconcile}.
 */
@NullMarked
package dev.reverb.operator.act;

import org.jspecify.annotations.NullMarked;
