package dev.reverb.operator.desired.server;

import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;
import java.util.Optional;

/**
 * Lets everybody reach the servers' client port, and pods of this Kubernetes (the operator and monitoring among them)
 * the management port and that of the HTTP API where it is apart. What servers reach is not restricted: webhooks go
 * anywhere.
 */
public final class ServerNetworkPolicy {
    private ServerNetworkPolicy() {}

    /** The NetworkPolicy, unless it is switched off. */
    public static Optional<NetworkPolicy> of(ClusterPlan plan) {
        if (!plan.networkPolicy()) {
            return Optional.empty();
        }
        NetworkPolicyBuilder policy = new NetworkPolicyBuilder()
                .withMetadata(plan.owned(plan.names().server(), Labels.SERVER))
                .withNewSpec()
                .withNewPodSelector()
                .withMatchLabels(Labels.selector(plan.name(), Labels.SERVER))
                .endPodSelector()
                .withPolicyTypes("Ingress")
                .addNewIngress()
                .addToPorts(port(ClusterPlan.HTTP_PORT))
                .endIngress()
                .addToIngress(ofPods(ClusterPlan.MANAGEMENT_PORT))
                .endSpec();
        if (plan.apiApart()) {
            policy.editSpec().addToIngress(ofPods(ClusterPlan.API_PORT)).endSpec();
        }
        return Optional.of(policy.build());
    }

    /** Pods of every namespace, an ingress controller's among them, and nobody outside. */
    private static NetworkPolicyIngressRule ofPods(int port) {
        return new NetworkPolicyIngressRuleBuilder().addNewFrom()
                .withNewNamespaceSelector()
                .endNamespaceSelector()
                .endFrom()
                .addToPorts(port(port))
                .build();
    }

    private static NetworkPolicyPort port(int port) {
        return new NetworkPolicyPortBuilder().withProtocol("TCP").withPort(new IntOrString(port)).build();
    }
}
