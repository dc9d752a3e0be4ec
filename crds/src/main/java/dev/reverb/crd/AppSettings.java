package dev.reverb.crd;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an application sets beside its credentials, wherever it is declared; null keeps the server's default. */
public interface AppSettings {
    /** False refuses connections and API requests. */
    @Nullable
    Boolean enabled();

    /** Glob patterns for the host of {@code Origin}. */
    @Nullable
    List<String> allowedOrigins();

    /** Silence after which the server pings, a duration. */
    @Nullable
    String pingInterval();

    /** How long a pong may take, a duration. */
    @Nullable
    String activityTimeout();

    /** Connections at one time over all servers. */
    @Nullable
    Integer maxConnections();

    /** Bytes of one message from a client. */
    @Nullable
    Integer maxMessageSize();

    /** Bytes of data of one published event. */
    @Nullable
    Integer maxEventSize();

    /** Who may send client events. */
    @Nullable
    ClientEvents acceptClientEventsFrom();

    /** Messages accepted from one connection. */
    @Nullable
    RateLimitingSpec rateLimiting();

    /** Which channel names are accepted. */
    @Nullable
    ChannelNaming channelNames();

    /** How long a cache channel keeps its last event, a duration. */
    @Nullable
    String cacheTtl();

    /** Members of one presence channel. */
    @Nullable
    Integer maxPresenceMembers();

    /** Whether {@code pusher:signin} is accepted. */
    @Nullable
    Boolean userAuthentication();

    /** Whether watchlists are served. */
    @Nullable
    Boolean watchlistEvents();

    /** Whether subscription counts are sent. */
    @Nullable
    Boolean subscriptionCountEvents();

    /** Which channels keep their messages. */
    @Nullable
    List<HistorySpec> history();

    /** Where the application's events are delivered to. */
    @Nullable
    List<WebhookSpec> webhooks();
}
