/**
 * Names, time, identity and the thread of one node. Of the cluster over Redis it depends on faults and budgets only.
 */
@NullMarked
package dev.reverb.server.cluster.redis.base;

import org.jspecify.annotations.NullMarked;
