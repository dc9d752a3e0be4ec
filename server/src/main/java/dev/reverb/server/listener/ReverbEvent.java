package dev.reverb.server.listener;

/** Something that happened on this node, as Laravel Reverb's events of the same names. */
public sealed interface ReverbEvent {

    /** Id of the application it happened in. */
    String app();

    /** The first connection subscribed to a channel. */
    record ChannelCreated(String app, String channel) implements ReverbEvent {}

    /** The last connection left a channel. */
    record ChannelRemoved(String app, String channel) implements ReverbEvent {}

    /** A connection that no longer answered pings was closed. */
    record ConnectionPruned(String app, String socketId) implements ReverbEvent {}

    /** A client sent a message. */
    record MessageReceived(String app, String socketId, String message) implements ReverbEvent {}

    /** A message was written to a client. */
    record MessageSent(String app, String socketId, String message) implements ReverbEvent {}
}
