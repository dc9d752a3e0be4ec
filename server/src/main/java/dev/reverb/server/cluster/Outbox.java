package dev.reverb.server.cluster;

/**
 * Takes events for webhooks that no other node knows of: client events, cache misses, connections. Occupancy and
 * members are not among them: the cluster finds those itself, from {@link SharedState}. Any thread may call; nothing
 * blocks.
 */
@FunctionalInterface
public interface Outbox {

    /** Whether webhooks of {@code app} are told of events of {@code type}; no I/O. */
    default boolean wants(String app, WebhookEvent.Type type) {
        return false;
    }

    /**
     * Keeps an event until it is sent; in order for each subject. Only for types that the application wants.
     *
     * @param subject the channel, or the socket id in its place
     * @param more further members of its JSON object, without braces
     */
    void append(ChannelId subject, WebhookEvent.Type type, String more);
}
