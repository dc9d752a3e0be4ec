package dev.reverb.operator.observe;

import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Objects;

/** The pods of a managed Redis, and how they are. */
public final class RedisPods {
    private RedisPods() {}

    /** All that bear its labels, whoever made them. Costs a request. */
    public static List<Pod> of(KubernetesClient client, ClusterPlan plan) {
        return client.pods()
                .inNamespace(plan.namespace())
                .withLabels(Labels.selector(plan.name(), Labels.REDIS))
                .list()
                .getItems();
    }

    /** Whether one of {@code set} is ready. */
    public static boolean ready(StatefulSet set) {
        StatefulSetStatus status = set.getStatus();
        return status != null && status.getReadyReplicas() != null && status.getReadyReplicas() > 0;
    }

    /** Whether one of {@code set} is ready and none is of a former revision. */
    public static boolean settled(StatefulSet set) {
        return ready(set) && Objects.equals(set.getStatus().getCurrentRevision(), set.getStatus().getUpdateRevision());
    }
}
