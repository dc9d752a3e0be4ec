package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Scaling on connections per pod. */
// @formatter:off
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.minReplicas) || self.minReplicas <= self.maxReplicas",
        message = "autoscaling.minReplicas is above maxReplicas: write at most maxReplicas")
@ValidationRule(
        value = "has(self.minReplicas) || self.maxReplicas >= 2",
        message = "autoscaling.minReplicas is 2 unless written: write minReplicas: 1 for a maxReplicas of 1")
@ValidationRule(
        value = "has(self.targetConnections) || has(self.targetCPU)",
        message = "write autoscaling.targetConnections (or targetCPU): there is nothing to scale on")
@ValidationRule(
        value = "!has(self.provider) || self.provider != 'builtin' || (has(self.targetConnections) && "
                + "!has(self.targetCPU))",
        message = "provider builtin scales on connections alone: write targetConnections and leave targetCPU out")
@ValidationRule(
        value = "!has(self.scaleDownWindow) || (has(self.provider) && self.provider == 'builtin') || "
                + "!self.scaleDownWindow.matches('^([0-9]{1,6}(h|m)|[0-9]{1,7}s){1,3}$') || "
                + "duration(self.scaleDownWindow) <= duration('1h')",
        message = "autoscaling.scaleDownWindow: a HorizontalPodAutoscaler takes at most 1h; write 1h or less, or "
                + "provider: builtin")
public record AutoscalingSpec(
        @JsonPropertyDescription(
                "hpa (default): a HorizontalPodAutoscaler over a metrics adapter. builtin: the operator reads the "
                        + "pods itself.")
        @Nullable AutoscalingProvider provider,

        @JsonPropertyDescription("Fewest servers; 2 by default.")
        @Min(1)
        @Max(1000)
        @Nullable Integer minReplicas,

        @JsonPropertyDescription("Most servers.")
        @Required
        @Min(1)
        @Max(1000)
        Integer maxReplicas,

        @JsonPropertyDescription("Connections per pod to aim at.")
        @Min(1)
        @Max(10000000)
        @Nullable Integer targetConnections,

        @JsonPropertyDescription("CPU use to aim at, in percent of the request; with hpa only.")
        @Min(1)
        @Max(1000)
        @Nullable Integer targetCPU,

        @JsonPropertyDescription("How long a lower need has to last before a server is removed; 30m by default.")
        @Size(max = 20)
        @ValidationRule(
                value = Cel.UP_TO_A_DAY,
                message = "write a duration with its unit, such as 30m or 1h, of 0s to 24h")
        @Nullable String scaleDownWindow) {}
// @formatter:on
