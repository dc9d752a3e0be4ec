package dev.reverb.server.cluster.redis.simulation;

/** One thing that a story makes happen. Nodes are numbers, channels too. */
sealed interface Action {

    /** How long it lasts. */
    default int millis() {
        return 0;
    }

    /** Something that goes wrong, or that somebody does to a server. */
    sealed interface Fault extends Action {}

    record Attach(int node, int channel) implements Action {}

    record Detach(int node, int channel) implements Action {}

    /** @param times publications in a row, so that some wait for the frame before them */
    record Publish(int node, int channel, int times) implements Action {}

    record Join(int node, int channel, String user) implements Action {}

    record Leave(int node, int channel, String user) implements Action {}

    record Count(int node, int channel, int subscriptions) implements Action {}

    record Connect(int node, int limit) implements Action {}

    record Disconnect(int node) implements Action {}

    /** @param silently whether neither side notices that nothing passes */
    record Cut(int node, boolean silently, int millis) implements Fault {}

    record Freeze(int node, int millis) implements Fault {}

    record Crash(int node) implements Fault {}

    /** The node gives its lease back and ends. */
    record Stop(int node) implements Fault {}

    /** A new node in the place of one that has ended. */
    record Start(int node) implements Fault {}

    record RestartRedis(boolean empty, int millis) implements Fault {}

    /** @param lostMillis how old what the new primary has is */
    record FailOver(int lostMillis, int millis) implements Fault {}

    record FreezeRedis(int millis) implements Fault {}

    /** Redis refuses whatever needs memory. */
    record FillRedis(int millis) implements Fault {}

    /** A request to all nodes. */
    record Ask(int node) implements Action {}

    /** What a node sees of members, and the requests that came to it, are right at this moment. */
    record Look(int node, int channel) implements Action {}

    /** Publications of a node wait at this moment. */
    record Waits(int node) implements Action {}

    record ShiftRedisClock(int step) implements Fault {}

    /** What a node's clients get in a channel they do not read for so long. */
    record Lag(int node, int channel, int millis) implements Fault {}

    /** The slot of a channel's partition moves to another server: for so long its keys are on both. */
    record MoveSlot(int channel, int millis) implements Fault {}
}
