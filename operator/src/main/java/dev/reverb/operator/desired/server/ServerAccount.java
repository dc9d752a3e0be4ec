package dev.reverb.operator.desired.server;

import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;

/** The servers' own identity, which is allowed nothing and whose token is not mounted. */
public final class ServerAccount {
    private ServerAccount() {}

    /** The ServiceAccount. */
    public static ServiceAccount of(ClusterPlan plan) {
        return new ServiceAccountBuilder().withMetadata(plan.owned(plan.names().server(), Labels.SERVER))
                .withAutomountServiceAccountToken(false)
                .build();
    }
}
