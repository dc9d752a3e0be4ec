package dev.reverb.server.cluster.message;

import java.util.Locale;

/**
 * Something that is sent to an application's webhooks.
 *
 * @param id the same whenever the event is sent again, so that a receiver can recognise it
 * @param type what happened
 * @param subject the channel, or, for events of connections, the socket id in its place
 * @param userId of the member, empty for other types
 * @param more further members of its JSON object, without braces; empty for none
 */
public record WebhookEvent(String id, Type type, ChannelId subject, String userId, String more) {

    /** What may happen; the names in lower case are those of Pusher's webhooks. */
    public enum Type {
        CHANNEL_OCCUPIED(1 << 0),
        CHANNEL_VACATED(1 << 1),
        MEMBER_ADDED(1 << 2),
        MEMBER_REMOVED(1 << 3),
        CLIENT_EVENT(1 << 4),
        CACHE_MISS(1 << 5),
        SUBSCRIPTION_COUNT(1 << 6),
        CONNECTION_OPENED(1 << 7),
        CONNECTION_CLOSED(1 << 8),
        CONNECTION_PRUNED(1 << 9);

        /** As it is written in settings and requests. */
        public final String wire = name().toLowerCase(Locale.ROOT);

        /** Bits of the types that the cluster finds by itself. */
        public static final int SHARED = CHANNEL_OCCUPIED.bit() | CHANNEL_VACATED.bit() | MEMBER_ADDED.bit()
                | MEMBER_REMOVED.bit() | SUBSCRIPTION_COUNT.bit();

        private final int bit;

        Type(int bit) {
            this.bit = bit;
        }

        /** Its bit in what an application wants. */
        public int bit() {
            return bit;
        }

        /** Whether it concerns a connection and no channel. */
        public boolean ofConnection() {
            return compareTo(CONNECTION_OPENED) >= 0;
        }
    }

    /** Bytes that it takes while it waits, about. */
    public int size() {
        return 300 + subject.name().length() + userId.length() + more.length();
    }
}
