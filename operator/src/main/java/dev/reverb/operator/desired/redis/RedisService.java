package dev.reverb.operator.desired.redis;

import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;

/** Where servers find the managed Redis. */
public final class RedisService {
    static final int PORT = 6379;

    private RedisService() {}

    /** The Service. */
    public static Service of(ClusterPlan plan) {
        return new ServiceBuilder().withMetadata(plan.owned(plan.names().redis(), Labels.REDIS))
                .withNewSpec()
                .withType("ClusterIP")
                .withSelector(Labels.selector(plan.name(), Labels.REDIS))
                .addNewPort()
                .withName("redis")
                .withPort(PORT)
                .withNewTargetPort("redis")
                .withProtocol("TCP")
                .endPort()
                .endSpec()
                .build();
    }
}
