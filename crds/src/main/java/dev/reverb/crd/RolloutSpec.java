package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** How a new revision reaches the servers. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record RolloutSpec(
        @JsonPropertyDescription(
                "Add one server of the new revision first and remove it last; by default at one replica.")
        @Nullable Boolean surge,

        @JsonPropertyDescription(
                "How long to wait at most for reconnects to settle before the next server; 60s by default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.UP_TO_AN_HOUR,
                message = "write a duration with its unit, such as 60s, of 0s to 1h")
        @Nullable String settleTimeout,

        @JsonPropertyDescription(
                "How long a new server is watched after it became ready before the next one is replaced; 10s by "
                        + "default. One that fails meanwhile stops the roll at itself.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.UP_TO_AN_HOUR,
                message = "write a duration with its unit, such as 10s, of 0s to 1h")
        @Nullable String watchWindow,

        @JsonPropertyDescription(
                "How long one step of a roll may take before the cluster is Degraded with the reason RollStalled; "
                        + "10m by default, drains not counted.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.SECOND_TO_DAY,
                message = "write a duration with its unit, such as 10m, of 1s to 24h")
        @Nullable String progressDeadline,

        @JsonPropertyDescription(
                "What becomes of a roll whose new revision does not get ready: pause (the default) leaves the other "
                        + "servers as they are, revert takes the failed ones back to the last revision that all were "
                        + "ready with, and does not try again until the spec changes. A fix rolls in both.")
        @Nullable RollFailurePolicy onFailure) {}
// @formatter:on
