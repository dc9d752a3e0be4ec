package dev.reverb.operator.desired.server;

import dev.reverb.crd.DisruptionBudgetSpec;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.util.Optional;

/**
 * Lets one server at a time be evicted, and those that are not healthy always. There is none at one replica: it would
 * only keep a node from being emptied.
 */
public final class ServerDisruptionBudget {
    private ServerDisruptionBudget() {}

    /** The budget, where it makes sense and is not switched off. */
    public static Optional<PodDisruptionBudget> of(ClusterPlan plan) {
        DisruptionBudgetSpec spec = plan.spec().disruptionBudget();
        boolean on = spec == null || spec.enabled() == null || spec.enabled();
        if (!on || plan.leastReplicas() < 2) {
            return Optional.empty();
        }
        int unavailable = spec == null || spec.maxUnavailable() == null ? 1 : spec.maxUnavailable();
        return Optional
                .of(new PodDisruptionBudgetBuilder().withMetadata(plan.owned(plan.names().server(), Labels.SERVER))
                        .withNewSpec()
                        .withMaxUnavailable(new IntOrString(unavailable))
                        .withUnhealthyPodEvictionPolicy("AlwaysAllow")
                        .withNewSelector()
                        .withMatchLabels(Labels.selector(plan.name(), Labels.SERVER))
                        .endSelector()
                        .endSpec()
                        .build());
    }
}
