/**
 * A deterministic simulation of nodes and their Redis: a seed decides order, delay and faults. The nodes are the real ones
 * and the scripts are the real ones, run by a Lua interpreter over a model of the data types; threads, time and the network
 * are the simulation's.
 */
@NullMarked
package dev.reverb.server.cluster.redis.simulation;

import org.jspecify.annotations.NullMarked;
