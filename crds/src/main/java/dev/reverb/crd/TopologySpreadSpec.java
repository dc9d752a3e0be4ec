package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Spreads servers over nodes and zones. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record TopologySpreadSpec(
        @JsonPropertyDescription("On by default.")
        @Nullable Boolean enabled,

        @JsonPropertyDescription("ScheduleAnyway (default) or DoNotSchedule.")
        @Nullable Unsatisfiable whenUnsatisfiable,

        @JsonPropertyDescription("Topology keys; kubernetes.io/hostname and topology.kubernetes.io/zone by default.")
        @Size(min = 1, max = 10)
        @ValidationRule(
                value = "self.all(k, k.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*"
                        + "[A-Za-z0-9])?$'))",
                message = "write labels of nodes, such as topology.kubernetes.io/zone")
        @Nullable List<String> topologyKeys) {}
// @formatter:on
