/**
 * The managed Redis: StatefulSet, Service, Secret, NetworkPolicy. Pure functions; any thread may call them.
 */
@NullMarked
package dev.reverb.operator.desired.redis;

import org.jspecify.annotations.NullMarked;
