package dev.reverb.operator.desired.server;

import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.Optional;

/**
 * Where back ends in this Kubernetes send their requests, when the HTTP API is apart from clients. Servers of a
 * revision without that port are no endpoints of it, since the target is the port's name.
 */
public final class ApiService {
    private ApiService() {}

    /** The Service, when the API has a port of its own. */
    public static Optional<Service> of(ClusterPlan plan) {
        if (!plan.apiApart()) {
            return Optional.empty();
        }
        return Optional.of(new ServiceBuilder().withMetadata(plan.owned(plan.names().api(), Labels.SERVER))
                .withNewSpec()
                .withType("ClusterIP")
                .withSelector(Labels.selector(plan.name(), Labels.SERVER))
                .addNewPort()
                .withName("http")
                .withPort(ClusterPlan.HTTP_PORT)
                .withNewTargetPort("api")
                .withProtocol("TCP")
                .endPort()
                .endSpec()
                .build());
    }
}
