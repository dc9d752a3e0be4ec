package dev.reverb.server.cluster.message;

/**
 * A request that every node carries out, the asking one too: a termination by itself, not by way of the cluster; a
 * restart
 * when the cluster says that it is its turn.
 */
public sealed interface Control {

    /** Close all connections of a user: signed in as it, or members of presence channels with that id. */
    record TerminateUser(String app, String userId) implements Control {}

    /** Drain and stop; nodes take turns. */
    record Restart(String requestId) implements Control {}
}
