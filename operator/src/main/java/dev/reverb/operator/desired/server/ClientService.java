package dev.reverb.operator.desired.server;

import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;

/** Where clients and back ends connect to: ready servers only. */
public final class ClientService {
    private ClientService() {}

    /** The Service. */
    public static Service of(ClusterPlan plan) {
        return new ServiceBuilder().withMetadata(plan.owned(plan.names().server(), Labels.SERVER))
                .withNewSpec()
                .withType("ClusterIP")
                .withSelector(Labels.selector(plan.name(), Labels.SERVER))
                .addNewPort()
                .withName("http")
                .withPort(ClusterPlan.HTTP_PORT)
                .withNewTargetPort("http")
                .withProtocol("TCP")
                .endPort()
                .endSpec()
                .build();
    }
}
