package dev.reverb.server.cluster;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.WebhookEvent;

/** What sends webhooks, as the cluster sees it; implemented by the server. Any thread may call; nothing blocks. */
public interface Webhooks {

    /** Those of a server whose applications have none. */
    Webhooks NONE = new Webhooks() {
        @Override
        public boolean any() {
            return false;
        }

        @Override
        public int wanted(String app) {
            return 0;
        }

        @Override
        public void deliver(WebhookEvent event, Runnable done) {
            done.run();
        }

        @Override
        public void overflowed(long events) {}
    };

    /** Whether any application has webhooks. */
    boolean any();

    /** {@link WebhookEvent.Type#bit Bits} of the types of events that webhooks of {@code app} want. */
    int wanted(String app);

    /** Whether a webhook of {@code app} wants events of {@code type}. */
    default boolean wanted(String app, WebhookEvent.Type type) {
        return any() && (wanted(app) & type.bit()) != 0;
    }

    /**
     * Sends an event to every endpoint that wants it. Events of one channel are sent in the order of the calls.
     *
     * @param done runs once, on any thread, when each endpoint has it or it is given up for that endpoint
     */
    void deliver(WebhookEvent event, Runnable done);

    /** So many events were lost because more waited than may; counts and logs them. */
    void overflowed(long events);

    /**
     * Takes events that no other node knows of: client events, cache misses, connections. Occupancy and members are not
     * among them: the cluster finds those itself, from {@link SharedState}. Any thread may call; nothing blocks.
     */
    @FunctionalInterface
    interface Outbox {

        /** Whether webhooks of {@code app} want events of {@code type}; no I/O. */
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
}
