package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an application sets beside its credentials, wherever it is declared; null keeps the server's default. Its fields
 * stand among those of the spec that has it.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record AppSettings(
        @JsonPropertyDescription("False refuses connections and API requests; true by default.")
        @Nullable Boolean enabled,

        @JsonPropertyDescription("Glob patterns for the host of the Origin header; * by default.")
        @Size(max = 100)
        @ValidationRule(value = Cel.ORIGINS, message = Cel.ORIGINS_MESSAGE)
        @Nullable List<@Size(max = 253) @Pattern(Cel.ORIGIN) String> allowedOrigins,

        @JsonPropertyDescription("Silence after which the server pings; 60s by default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.SECOND_TO_DAY,
                message = "write a duration with its unit, such as 60s or 2m, of 1s to 24h")
        @Nullable String pingInterval,

        @JsonPropertyDescription("How long a pong may take; 30s by default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.SECOND_TO_DAY,
                message = "write a duration with its unit, such as 30s or 1m, of 1s to 24h")
        @Nullable String activityTimeout,

        @JsonPropertyDescription("Connections at one time over all servers; no limit by default.")
        @Min(1)
        @Max(2147483647)
        @Nullable Integer maxConnections,

        @JsonPropertyDescription("Bytes of one message from a client; 10000 by default.")
        @Min(1)
        @Max(268435456)
        @Nullable Integer maxMessageSize,

        @JsonPropertyDescription("Bytes of the data of one published event; maxMessageSize by default.")
        @Min(1)
        @Max(268435456)
        @Nullable Integer maxEventSize,

        @JsonPropertyDescription("Who may send client events: members of the channel (default), all, or none.")
        @Nullable ClientEvents acceptClientEventsFrom,

        @JsonPropertyDescription("Messages accepted from one connection; unlimited by default.")
        @Nullable RateLimitingSpec rateLimiting,

        @JsonPropertyDescription("Which channel names are accepted: as hosted Pusher (default), or any.")
        @Nullable ChannelNaming channelNames,

        @JsonPropertyDescription("How long a cache channel keeps its last event; 30m by default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.SECOND_TO_MONTH,
                message = "write a duration with its unit, such as 30m or 1h, of 1s to 720h")
        @Nullable String cacheTtl,

        @JsonPropertyDescription("Members of one presence channel; no limit by default.")
        @Min(1)
        @Max(2147483647)
        @Nullable Integer maxPresenceMembers,

        @JsonPropertyDescription("Bytes of one member's channel_data; maxMessageSize by default.")
        @Min(2)
        @Max(268435456)
        @Nullable Integer maxPresenceMemberSize,

        @JsonPropertyDescription("Characters of a member's user_id; 1000 by default.")
        @Min(1)
        @Max(65535)
        @Nullable Integer maxPresenceUserIdLength,

        @JsonPropertyDescription("Whether users may sign in.")
        @Nullable Boolean userAuthentication,

        @JsonPropertyDescription("Whether watchlists of signed-in users are served.")
        @Nullable Boolean watchlistEvents,

        @JsonPropertyDescription("Whether subscribers are told how many they are.")
        @Nullable Boolean subscriptionCountEvents,

        @JsonPropertyDescription(
                "Which channels keep their messages, so that clients may resume and rewind; none by default.")
        @Size(max = 20)
        @Nullable List<HistorySpec> history,

        @JsonPropertyDescription("Where the application's events are delivered to.")
        @Size(max = 20)
        @Nullable List<WebhookSpec> webhooks) {
    // @formatter:on
    /** The server's defaults for all. */
    public static AppSettings defaults() {
        return new AppSettings(null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
                null, null, null, null);
    }
}
