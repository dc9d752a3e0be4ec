/**
 * Says what is and what was done: status, conditions, problems and Kubernetes Events. Imports {@code observe} alone of
 * the shell. The status is pure; Events are written from any thread.
 */
@NullMarked
package dev.reverb.operator.report;

import org.jspecify.annotations.NullMarked;
