package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** What one server accepts; what is not written is the server's default. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record LimitsSpec(
        @JsonPropertyDescription("Bytes of all headers of one request, and its request line; 16384 by default.")
        @Min(1024)
        @Max(1048576)
        @Nullable Integer maxHeaderSize,

        @JsonPropertyDescription(
                "From accept, or from the first byte of a later request, to the complete request; 10s by "
                        + "default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.SECOND_TO_HOUR,
                message = "write a duration with its unit, such as 10s, of 1s to 1h")
        @Nullable String requestTimeout,

        @JsonPropertyDescription("How long an HTTP connection may idle between requests; 75s by default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.SECOND_TO_HOUR,
                message = "write a duration with its unit, such as 75s, of 1s to 1h")
        @Nullable String keepAliveTimeout,

        @JsonPropertyDescription(
                "Bytes waiting for one connection before it is closed as a slow reader, and the largest "
                        + "event that an app may allow; 1048576 by default.")
        @Min(16384)
        @Max(1073741824)
        @Nullable Integer outboundBuffer,

        @JsonPropertyDescription(
                "How long bytes may wait for one connection before it is closed as a slow reader; 20s by "
                        + "default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.SECOND_TO_HOUR,
                message = "write a duration with its unit, such as 20s, of 1s to 1h")
        @Nullable String outboundAge,

        @JsonPropertyDescription(
                "Connections of one server over all applications; 0 (default) is what the open-files "
                        + "limit allows.")
        @Min(0)
        @Max(2147483647)
        @Nullable Integer maxConnections,

        @JsonPropertyDescription(
                "WebSockets of one client address at one server; 0 (default) is no limit. Write "
                        + "server.trustedProxies too where an Ingress stands before the servers.")
        @Min(0)
        @Max(2147483647)
        @Nullable Integer maxConnectionsPerAddress,

        @JsonPropertyDescription(
                "How fast one client address may open WebSockets at one server; 0 (default) is no limit.")
        @Min(0)
        @Max(1000000)
        @Nullable Integer handshakesPerSecondPerAddress,

        @JsonPropertyDescription("Channels of one connection; 5000 by default.")
        @Min(1)
        @Max(2147483647)
        @Nullable Integer maxSubscriptions,

        @JsonPropertyDescription("Channels of one published event; 100 by default.")
        @Min(1)
        @Max(1000000)
        @Nullable Integer maxChannelsPerEvent,

        @JsonPropertyDescription("Events of one batch; 10 by default.")
        @Min(1)
        @Max(100000)
        @Nullable Integer maxBatchSize,

        @JsonPropertyDescription("Characters of an event name; 200 by default.")
        @Min(1)
        @Max(65535)
        @Nullable Integer maxEventNameLength,

        @JsonPropertyDescription(
                "Bytes a second of client events that one connection may send; 262144 by default, 0 is "
                        + "no limit.")
        @Min(0)
        @Max(1073741824)
        @Nullable Integer clientEventRate,

        @JsonPropertyDescription("How long an API request may wait for its answer before it gets 504; 30s by default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.SECOND_TO_HOUR,
                message = "write a duration with its unit, such as 30s, of 1s to 1h")
        @Nullable String responseTimeout,

        @JsonPropertyDescription(
                "How long the answer to a request with an idempotency_key is remembered; 120s by "
                        + "default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.SECOND_TO_HOUR,
                message = "write a duration with its unit, such as 2m, of 1s to 1h")
        @Nullable String idempotencyWindow,

        @JsonPropertyDescription(
                "Bytes that the bodies of all API requests under way at one server may take together; an "
                        + "eighth of the heap by default.")
        @Min(65536)
        @Max(1073741824)
        @Nullable Integer requestMemory,

        @JsonPropertyDescription(
                "Bytes that histories of all channels may take together in Redis, or in the one server where scaling "
                        + "is off; 256 MiB by default, 64 MiB without scaling.")
        @Min(16777216)
        @Max(1073741824)
        @Nullable Integer historyMemory,

        @JsonPropertyDescription("The same for one application; a half of historyMemory by default.")
        @Min(8388608)
        @Max(1073741824)
        @Nullable Integer historyMemoryPerApp) {}
// @formatter:on
