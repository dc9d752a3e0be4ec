package dev.reverb.server.cluster;

/**
 * How many connections the nodes have that take some; those that drain are not among them, nor those whose lease has
 * ended.
 *
 * @param joined how many nodes ever joined; a node that was away and is back does not join anew. It falls when the
 *     others' memory is lost
 * @param nodes how many take connections
 * @param connections to all of these
 * @param fewest connections to the one that has fewest; 0 without nodes
 * @param moving how many of them close connections, or may soon, so that they move
 */
public record ClusterLoad(long joined, int nodes, long connections, int fewest, int moving) {}
