/**
 * How servers are replaced, added and removed: a pure state machine from what is observed to the next action. It
 * imports no client and reads no clock; the reconciler calls it, once per reconcile.
 */
@NullMarked
package dev.reverb.operator.roll;

import org.jspecify.annotations.NullMarked;
