/**
 * The Redis that a cluster has made for it: its StatefulSet, its passwords, upgrades between versions. On the
 * threads of reconciles.
 */
@NullMarked
package dev.reverb.operator.act.redis;

import org.jspecify.annotations.NullMarked;
