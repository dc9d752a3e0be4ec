package dev.reverb.operator.desired.monitoring;

import dev.reverb.crd.MonitoringSpec;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A ConfigMap with a Grafana dashboard, labelled as Grafana's sidecar looks for it. */
public final class ServerDashboard {
    private ServerDashboard() {}

    /** The ConfigMap, when it is asked for. */
    public static Optional<ConfigMap> of(ClusterPlan plan) {
        MonitoringSpec monitoring = plan.spec().monitoring();
        if (monitoring == null || !Boolean.TRUE.equals(monitoring.dashboard())) {
            return Optional.empty();
        }
        ObjectMeta metadata = plan.owned(plan.names().dashboard(), Labels.SERVER);
        metadata.getLabels().put("grafana_dashboard", "1");
        if (monitoring.labels() != null) {
            monitoring.labels().forEach(metadata.getLabels()::putIfAbsent);
        }
        String json = template().replace("@NAMESPACE@", plan.namespace()).replace("@CLUSTER@", plan.name());
        return Optional.of(new ConfigMapBuilder().withMetadata(metadata)
                .addToData("reverb-" + plan.namespace() + "-" + plan.name() + ".json", json)
                .build());
    }

    private static String template() {
        try (InputStream stream = ServerDashboard.class.getResourceAsStream("dashboard.json")) {
            if (stream == null) {
                throw new IllegalStateException("dashboard.json is not beside " + ServerDashboard.class.getName());
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
