/**
 * What applications need: the Secret that servers read, the applications that attach, and the finalizer by which
 * one stays until no server serves it. On the threads of reconciles.
 */
@NullMarked
package dev.reverb.operator.act.apps;

import org.jspecify.annotations.NullMarked;
