/**
 * Applications: their own Secrets, and the aggregate Secret with the servers' configuration file. Pure functions; any
 * thread may call them.
 */
@NullMarked
package dev.reverb.operator.desired.app;

import org.jspecify.annotations.NullMarked;
