/**
 * From a {@link dev.reverb.operator.plan.ClusterPlan} to the Kubernetes objects as they shall be, one class each, in a
 * package per part; here stands what they share. Pure functions; any thread may call them.
 */
@NullMarked
package dev.reverb.operator.desired;

import org.jspecify.annotations.NullMarked;
