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
                value = "self.matches('^([0-9]+(h|m|s))+$')",
                message = "write a duration with its unit, such as 60s")
        @Nullable String settleTimeout) {}
// @formatter:on
