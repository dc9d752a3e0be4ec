package dev.reverb.operator.desired.server;

import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;

/** The headless Service that names every server, ready or not. */
public final class NodesService {
    private NodesService() {}

    /** The Service. */
    public static Service of(ClusterPlan plan) {
        return new ServiceBuilder().withMetadata(plan.owned(plan.names().nodes(), Labels.SERVER))
                .withNewSpec()
                .withType("ClusterIP")
                .withClusterIP("None")
                .withPublishNotReadyAddresses(true)
                .withSelector(Labels.selector(plan.name(), Labels.SERVER))
                .addNewPort()
                .withName("http")
                .withPort(ClusterPlan.HTTP_PORT)
                .withNewTargetPort("http")
                .withProtocol("TCP")
                .endPort()
                .addNewPort()
                .withName("management")
                .withPort(ClusterPlan.MANAGEMENT_PORT)
                .withNewTargetPort("management")
                .withProtocol("TCP")
                .endPort()
                .endSpec()
                .build();
    }
}
