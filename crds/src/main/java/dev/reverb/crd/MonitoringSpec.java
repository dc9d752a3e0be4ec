package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What monitoring gets. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record MonitoringSpec(
        @JsonPropertyDescription("A PodMonitor of the Prometheus operator.")
        @Nullable Boolean podMonitor,

        @JsonPropertyDescription("A PrometheusRule with alerts.")
        @Nullable Boolean rules,

        @JsonPropertyDescription("A ConfigMap with a Grafana dashboard.")
        @Nullable Boolean dashboard,

        @JsonPropertyDescription("How often metrics are read; 15s by default.")
        @Size(max = 20)
        @ValidationRule(
                value = "self.matches('^([0-9]+(h|m|s))+$')",
                message = "write a duration with its unit, such as 15s")
        @Nullable String interval,

        @JsonPropertyDescription("Labels on the three, as the Prometheus operator or Grafana select them.")
        @Nullable Map<String, String> labels) {}
// @formatter:on
