/**
 * What is said of an application: whether it is allowed, which servers serve it, what its status shows. On the
 * threads of reconciles.
 */
@NullMarked
package dev.reverb.operator.report.app;

import org.jspecify.annotations.NullMarked;
