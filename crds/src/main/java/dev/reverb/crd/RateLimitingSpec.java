package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** Messages accepted from one connection. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record RateLimitingSpec(
        @JsonPropertyDescription("Whether messages are limited; true when this block is written.")
        @Nullable Boolean enabled,

        @JsonPropertyDescription("Messages within the window; 60 by default.")
        @Min(1)
        @Max(2147483647)
        @Nullable Integer maxAttempts,

        @JsonPropertyDescription("The window in seconds; 60 by default.")
        @Min(1)
        @Max(86400)
        @Nullable Integer decaySeconds,

        @JsonPropertyDescription("Close the connection instead of dropping the message.")
        @Nullable Boolean terminateOnLimit) {}
// @formatter:on
