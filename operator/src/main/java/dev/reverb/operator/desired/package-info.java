/**
 * The Kubernetes objects of a cluster, one class each: from a {@link dev.reverb.operator.plan.ClusterPlan} to the
 * object as it shall be. Pure functions; they import no client, read no clock, and any thread may call them.
 */
@NullMarked
package dev.reverb.operator.desired;

import org.jspecify.annotations.NullMarked;
