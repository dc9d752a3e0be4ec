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
                value = Cel.SECOND_TO_HOUR,
                message = "write a duration with its unit, such as 15s, of 1s to 1h")
        @Nullable String interval,

        @JsonPropertyDescription("Labels on the three, as the Prometheus operator or Grafana select them.")
        @Size(max = 32)
        @Nullable Map<String, String> labels) {}
// @formatter:on
