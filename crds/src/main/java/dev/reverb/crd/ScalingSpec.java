package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** How servers share their state through Redis. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record ScalingSpec(
        @JsonPropertyDescription("How long a silent server keeps its entries; 6s by default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.SECOND_TO_HOUR,
                message = "write a duration with its unit, such as 6s, of 1s to 1h")
        @Nullable String lease,

        @JsonPropertyDescription(
                "How long a publication is kept for servers whose link to Redis is down; 60s by default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.SECOND_TO_DAY,
                message = "write a duration with its unit, such as 60s, of 1s to 24h")
        @Nullable String retention,

        @JsonPropertyDescription(
                "What a publish does while the link to Redis is down: hold (default) delivers it at that "
                        + "server and keeps it, refuse answers with 503.")
        @Nullable WhenDown whenDown,

        @JsonPropertyDescription("Whether a server stays ready while its link to Redis is down; true by default.")
        @Nullable Boolean readyWhenDown) {}
// @formatter:on
