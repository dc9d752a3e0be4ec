package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** How much some channels keep of their messages. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record HistorySpec(
        @JsonPropertyDescription(
                "The channels, with * wildcards, such as orders.*; of several rules the first that matches holds.")
        @Required
        @Size(min = 1, max = 200)
        @Pattern(Cel.CHANNEL)
        String channels,

        @JsonPropertyDescription("Messages of one channel that are kept; 100 by default.")
        @Min(1)
        @Max(10000)
        @Nullable Integer count,

        @JsonPropertyDescription("How long a message is kept; 5m by default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.SECOND_TO_DAY,
                message = "write a duration with its unit, such as 5m or 1h, of 1s to 24h")
        @Nullable String age,

        @JsonPropertyDescription("Bytes of one channel's messages that are kept; 1048576 by default.")
        @Min(1024)
        @Max(16777216)
        @Nullable Integer bytes) {}
// @formatter:on
