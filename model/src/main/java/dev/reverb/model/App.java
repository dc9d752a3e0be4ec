package dev.reverb.model;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/**
 * One application: who may connect and publish, and within which limits. Immutable; a changed application is a new
 * value under the same {@link #id()}.
 *
 * @param id the id in HTTP API paths, {@code /apps/{id}/…}
 * @param key the public key, in {@code /app/{key}} and {@code auth_key}
 * @param secrets the secrets that signatures are accepted from, newest first; the first one signs (more than one only
 *     while a secret is being rotated)
 * @param enabled false refuses connections with 4003 and API requests with 403
 * @param allowedOrigins glob patterns that the host of {@code Origin} is matched against, and its port where they name
 *     one; {@code *} allows all, and requests without an {@code Origin} too
 * @param pingInterval silence after which the server pings; whole seconds, at least 1 s
 * @param activityTimeout sent to clients in {@code connection_established}, and how long a pong may take; whole
 *     seconds, at least 1 s
 * @param maxConnections connections at one time, over all nodes; empty for no limit
 * @param maxMessageSize bytes of one message from a client
 * @param maxEventSize bytes of {@code data} of one event published by the API
 * @param acceptClientEventsFrom who may send client events
 * @param rateLimiting messages accepted from one connection
 * @param channelNames which channel names are accepted
 * @param cacheTtl how long a cache channel keeps its last event
 * @param maxPresenceMembers members of one presence channel; empty for no limit
 * @param maxPresenceMemberSize bytes of one member's {@code channel_data}
 * @param maxPresenceUserIdLength characters of a member's {@code user_id}
 * @param userAuthentication whether {@code pusher:signin} is accepted
 * @param watchlistEvents whether watchlists of signed-in users are served
 * @param subscriptionCountEvents whether {@code pusher_internal:subscription_count} is sent
 * @param allowRestart whether a signed request may restart the server, and all others of its cluster
 * @param history which channels keep their messages
 * @param webhooks where the application's events are delivered to
 */
public record App(
        String id,
        String key,
        List<String> secrets,
        boolean enabled,
        List<String> allowedOrigins,
        Duration pingInterval,
        Duration activityTimeout,
        OptionalInt maxConnections,
        int maxMessageSize,
        int maxEventSize,
        AcceptClientEvents acceptClientEventsFrom,
        RateLimiting rateLimiting,
        ChannelNames channelNames,
        Duration cacheTtl,
        OptionalInt maxPresenceMembers,
        int maxPresenceMemberSize,
        int maxPresenceUserIdLength,
        boolean userAuthentication,
        boolean watchlistEvents,
        boolean subscriptionCountEvents,
        boolean allowRestart,
        History history,
        List<WebhookEndpoint> webhooks) {

    public App {
        secrets = List.copyOf(secrets);
        allowedOrigins = List.copyOf(allowedOrigins);
        webhooks = List.copyOf(webhooks);
    }

    /** The secret that this server signs with. */
    public String secret() {
        return secrets.getFirst();
    }

    /** The same, but no signature verifies: what an application leaves that was removed. */
    public App withoutSecrets() {
        return new App(id, key, List.of(), enabled, allowedOrigins, pingInterval, activityTimeout, maxConnections,
                maxMessageSize, maxEventSize, acceptClientEventsFrom, rateLimiting, channelNames, cacheTtl,
                maxPresenceMembers, maxPresenceMemberSize, maxPresenceUserIdLength, userAuthentication, watchlistEvents,
                subscriptionCountEvents, allowRestart, history, webhooks);
    }

    /** Says who it is and nothing secret, so that it may stand in a log line. */
    @Override
    public String toString() {
        return "App[" + id + "]";
    }
}
