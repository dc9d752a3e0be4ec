/**
 * What monitoring gets: PodMonitor, PrometheusRule, dashboard. Pure functions; any thread may call them.
 */
@NullMarked
package dev.reverb.operator.desired.monitoring;

import org.jspecify.annotations.NullMarked;
