package dev.reverb.server.cluster.redis.simulation;

/** One thing that a story makes happen. Nodes are numbers, channels too. */
sealed interface Action {

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
    record Cut(int node, boolean silently, int millis) implements Action {}

    record Freeze(int node, int millis) implements Action {}

    record Crash(int node) implements Action {}

    /** The node gives its lease back and ends. */
    record Stop(int node) implements Action {}

    /** A new node in the place of one that has ended. */
    record Start(int node) implements Action {}

    record RestartRedis(boolean empty, int downMillis) implements Action {}

    /** @param lostMillis how old what the new primary has is */
    record FailOver(int lostMillis, int downMillis) implements Action {}

    record FreezeRedis(int millis) implements Action {}

    /** Redis refuses whatever needs memory. */
    record FillRedis(int millis) implements Action {}

    record ShiftRedisClock(int millis) implements Action {}
}
