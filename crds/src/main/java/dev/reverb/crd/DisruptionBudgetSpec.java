package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** A PodDisruptionBudget. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record DisruptionBudgetSpec(
        @JsonPropertyDescription("On by default from two replicas up.")
        @Nullable Boolean enabled,

        @JsonPropertyDescription(
                "How many servers may be evicted at a time; 1 by default. One server at least stays.")
        @Min(1)
        @Max(1000)
        @Nullable Integer maxUnavailable) {}
// @formatter:on
