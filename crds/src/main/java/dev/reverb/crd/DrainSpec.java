package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** How connections are closed when a server stops. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record DrainSpec(
        @JsonPropertyDescription("How long a stopping server still serves while endpoints drop it; 5s by default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.UP_TO_AN_HOUR,
                message = "write a duration with its unit, such as 5s, of 0s to 1h")
        @Nullable String endpointGrace,

        @JsonPropertyDescription("Over how long connections are closed at most; 60s by default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.UP_TO_A_DAY,
                message = "write a duration with its unit, such as 60s, of 0s to 24h")
        @Nullable String duration,

        @JsonPropertyDescription("The pace, exceeded only as far as duration demands; 100 by default.")
        @Min(1)
        @Max(1000000)
        @Nullable Integer closesPerSecond,

        @JsonPropertyDescription("How long before its close a client that resumes is notified, so that it changes over "
                + "first; 5s by default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.UP_TO_A_MINUTE,
                message = "write a duration with its unit, such as 5s, of 0s to 1m")
        @Nullable String notice,

        @JsonPropertyDescription("How long clients that a drain or a rebalance sends to other servers stay members of "
                + "presence channels, so that nobody who comes straight back is seen to leave; 5s by default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.UP_TO_A_MINUTE,
                message = "write a duration with its unit, such as 5s, of 0s to 1m")
        @Nullable String presenceLinger) {
    /** One in which nothing is said. */
    public static DrainSpec empty() {
        return new DrainSpec(null, null, null, null, null);
    }
}
// @formatter:on
