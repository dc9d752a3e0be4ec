package dev.reverb.operator.desired.monitoring;

import dev.reverb.crd.MonitoringSpec;
import dev.reverb.operator.desired.ForeignObject;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Durations;
import dev.reverb.operator.plan.ForeignKind;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A PodMonitor of the Prometheus operator over the servers' management port. */
public final class ServerPodMonitor {
    private ServerPodMonitor() {}

    public static Optional<GenericKubernetesResource> of(ClusterPlan plan) {
        MonitoringSpec monitoring = plan.spec().monitoring();
        if (monitoring == null || !Boolean.TRUE.equals(monitoring.podMonitor())) {
            return Optional.empty();
        }
        Duration interval = Durations.of(monitoring.interval(), Duration.ofSeconds(15));
        return Optional.of(ForeignObject.make(ForeignKind.POD_MONITOR, plan, Map.of( //
                "selector", Map.of("matchLabels", Labels.selector(plan.name(), Labels.SERVER)), //
                "podTargetLabels", List.of(Labels.CLUSTER), //
                "podMetricsEndpoints",
                List.of(Map.of("port", "management", "path", "/metrics", "interval", Durations.seconds(interval)))),
                monitoring.labels()));
    }
}
