/**
 * What nodes share: the ports between this node's channels and all others, in memory by default, over Redis when
 * scaling is on. The channels call it from event loops; it calls {@link dev.reverb.server.cluster.ClusterEvents} from
 * threads of its own. Nothing here blocks a caller.
 */
@NullMarked
package dev.reverb.server.cluster;

import org.jspecify.annotations.NullMarked;
