package dev.reverb.operator.desired.redis;

import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;

/** Lets the cluster's own servers reach the managed Redis, and nobody else. */
public final class RedisNetworkPolicy {
    private RedisNetworkPolicy() {}

    /** The NetworkPolicy. */
    public static NetworkPolicy of(ClusterPlan plan) {
        return new NetworkPolicyBuilder().withMetadata(plan.owned(plan.names().redis(), Labels.REDIS))
                .withNewSpec()
                .withNewPodSelector()
                .withMatchLabels(Labels.selector(plan.name(), Labels.REDIS))
                .endPodSelector()
                .withPolicyTypes("Ingress")
                .addNewIngress()
                .addNewFrom()
                .withNewPodSelector()
                .withMatchLabels(Labels.selector(plan.name(), Labels.SERVER))
                .endPodSelector()
                .endFrom()
                .addNewPort()
                .withProtocol("TCP")
                .withPort(new IntOrString(RedisService.PORT))
                .endPort()
                .endIngress()
                .endSpec()
                .build();
    }
}
