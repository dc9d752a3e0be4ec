package dev.reverb.operator.desired.server;

import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.Optional;

/** The Services that lead to ready servers: one for each port that others connect to. */
public final class ServerServices {
    private ServerServices() {}

    /** Where clients connect to, and back ends too unless the HTTP API is apart. */
    public static Service clients(ClusterPlan plan) {
        return to("http", plan.names().server(), plan);
    }

    /**
     * Where back ends in this Kubernetes send their requests, when the HTTP API has a port of its own. Servers of a
     * revision without that port are no endpoints of it, since the target is the port's name.
     */
    public static Optional<Service> api(ClusterPlan plan) {
        return plan.apiApart() ? Optional.of(to("api", plan.names().api(), plan)) : Optional.empty();
    }

    private static Service to(String port, String name, ClusterPlan plan) {
        return new ServiceBuilder().withMetadata(plan.owned(name, Labels.SERVER))
                .withNewSpec()
                .withType("ClusterIP")
                .withSelector(Labels.selector(plan.name(), Labels.SERVER))
                .addNewPort()
                .withName("http")
                .withPort(ClusterPlan.HTTP_PORT)
                .withNewTargetPort(port)
                .withProtocol("TCP")
                .endPort()
                .endSpec()
                .build();
    }
}
