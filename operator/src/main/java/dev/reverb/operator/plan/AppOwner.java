package dev.reverb.operator.plan;

import dev.reverb.crd.ReverbApp;

/**
 * The resource that an application in the aggregate Secret comes from.
 *
 * @param namespace of the ReverbApp; empty for an application of {@code spec.apps}
 * @param name of the ReverbApp; empty for an application of {@code spec.apps}
 * @param uid of the ReverbApp, or of the ReverbCluster
 */
public record AppOwner(String namespace, String name, String uid) {
    /** The ReverbApp {@code app}. */
    public static AppOwner of(ReverbApp app) {
        return new AppOwner(app.getMetadata().getNamespace(), app.getMetadata().getName(), app.getMetadata().getUid());
    }

    /** The cluster's own {@code spec.apps}. */
    public static AppOwner cluster(ClusterPlan plan) {
        return new AppOwner("", "", plan.uid());
    }

    /** Whether the owner is a ReverbApp, as opposed to an entry of {@code spec.apps}. */
    public boolean attached() {
        return !name.isEmpty();
    }
}
