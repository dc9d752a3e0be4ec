/**
 * The impure shell: observes a cluster, validates its spec, acts through server-side apply, and tells what happened in
 * Events and status. Reconciles of one resource never overlap; those of different ones run at the same time.
 */
@NullMarked
package dev.reverb.operator.reconcile;

import org.jspecify.annotations.NullMarked;
