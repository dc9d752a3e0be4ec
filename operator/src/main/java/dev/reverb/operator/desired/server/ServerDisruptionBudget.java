package dev.reverb.operator.desired.server;

import dev.reverb.crd.DisruptionBudgetSpec;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.util.Optional;

/**
 * Lets one server at a time be evicted, and those that are not healthy always. One server at least stays, whatever is
 * asked for: a budget of all would let the nodes of all be emptied at once, which closes every connection. There is
 * none at one replica: it would only keep a node from being emptied.
 */
public final class ServerDisruptionBudget {
    private ServerDisruptionBudget() {}

    /**
     * The budget, where it makes sense and is not switched off.
     *
     * @param servers how many there shall be at this time
     */
    public static Optional<PodDisruptionBudget> of(ClusterPlan plan, int servers) {
        if (off(plan) || servers < 2) {
            return Optional.empty();
        }
        int unavailable = Math.min(asked(plan), servers - 1);
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

    /** What is wrong with a budget that covers all servers that there can be; empty when it does not. */
    public static Optional<String> tooLarge(ClusterPlan plan) {
        int most = plan.mostReplicas();
        if (off(plan) || most < 2 || asked(plan) < most) {
            return Optional.empty();
        }
        return Optional.of("spec.disruptionBudget.maxUnavailable: " + asked(plan) + " would let all " + most
                + " servers be evicted at once, so that at most " + (most - 1) + " may be; write " + (most - 1)
                + " or less, or enabled: false for no budget at all");
    }

    private static boolean off(ClusterPlan plan) {
        DisruptionBudgetSpec spec = plan.spec().disruptionBudget();
        return spec != null && Boolean.FALSE.equals(spec.enabled());
    }

    private static int asked(ClusterPlan plan) {
        DisruptionBudgetSpec spec = plan.spec().disruptionBudget();
        return spec == null || spec.maxUnavailable() == null ? 1 : spec.maxUnavailable();
    }
}
