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
        @ValidationRule(
                value = "self in ['ScheduleAnyway', 'DoNotSchedule']",
                message = "write ScheduleAnyway or DoNotSchedule")
        @Size(max = 20)
        @Nullable String whenUnsatisfiable,

        @JsonPropertyDescription("Topology keys; kubernetes.io/hostname and topology.kubernetes.io/zone by default.")
        @Size(min = 1, max = 10)
        @Nullable List<String> topologyKeys) {}
// @formatter:on
