package dev.reverb.operator.desired.server;

import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import java.util.Optional;

/**
 * Lets everybody reach the servers' client port, and pods of this Kubernetes (the operator and monitoring among them)
 * the management port. What servers reach is not restricted: webhooks go anywhere.
 */
public final class ServerNetworkPolicy {
    private ServerNetworkPolicy() {}

    /** The NetworkPolicy, unless it is switched off. */
    public static Optional<NetworkPolicy> of(ClusterPlan plan) {
        if (!plan.networkPolicy()) {
            return Optional.empty();
        }
        return Optional.of(new NetworkPolicyBuilder().withMetadata(plan.owned(plan.names().server(), Labels.SERVER))
                .withNewSpec()
                .withNewPodSelector()
                .withMatchLabels(Labels.selector(plan.name(), Labels.SERVER))
                .endPodSelector()
                .withPolicyTypes("Ingress")
                .addNewIngress()
                .addNewPort()
                .withProtocol("TCP")
                .withPort(new IntOrString(ClusterPlan.HTTP_PORT))
                .endPort()
                .endIngress()
                .addNewIngress()
                .addNewFrom()
                .withNewNamespaceSelector()
                .endNamespaceSelector()
                .endFrom()
                .addNewPort()
                .withProtocol("TCP")
                .withPort(new IntOrString(ClusterPlan.MANAGEMENT_PORT))
                .endPort()
                .endIngress()
                .endSpec()
                .build());
    }
}
