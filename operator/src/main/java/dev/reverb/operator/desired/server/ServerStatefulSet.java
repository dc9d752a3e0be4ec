package dev.reverb.operator.desired.server;

import dev.reverb.operator.desired.PodTemplatePatch;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Digest;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.Map;

/**
 * The servers. Their number and the partition come from the roll; the template alone says what a server is.
 */
public final class ServerStatefulSet {
    private ServerStatefulSet() {}

    /**
     * The pod template, with {@code spec.podTemplate} merged over it.
     *
     * @param secretsDigest digest of what Secrets say that servers read only at start
     * @throws IllegalArgumentException when {@code spec.podTemplate} is not one, naming the field
     */
    public static PodTemplateSpec template(ClusterPlan plan, String secretsDigest) {
        PodTemplateSpec template = ServerPod.of(plan, secretsDigest);
        return PodTemplatePatch.apply(template, plan.spec().podTemplate(), "spec.podTemplate",
                Labels.selector(plan.name(), Labels.SERVER));
    }

    /** A digest of {@code template}; pods roll when it changes. */
    public static String digest(PodTemplateSpec template) {
        return PodTemplatePatch.digest(template);
    }

    /**
     * The StatefulSet.
     *
     * @param replicas pods that shall exist
     * @param partition ordinals below it keep their revision
     * @param annotations what the operator remembers on it
     */
    public static StatefulSet of(ClusterPlan plan, PodTemplateSpec template, int replicas, int partition,
            Map<String, String> annotations) {
        ObjectMeta metadata = plan.owned(plan.names().server(), Labels.SERVER);
        metadata.setAnnotations(annotations);
        return new StatefulSetBuilder().withMetadata(metadata)
                .withNewSpec()
                .withReplicas(replicas)
                .withServiceName(plan.names().nodes())
                .withPodManagementPolicy("Parallel")
                .withRevisionHistoryLimit(5)
                .withNewSelector()
                .withMatchLabels(Labels.selector(plan.name(), Labels.SERVER))
                .endSelector()
                .withNewUpdateStrategy()
                .withType("RollingUpdate")
                .withNewRollingUpdate()
                .withPartition(partition)
                .endRollingUpdate()
                .endUpdateStrategy()
                .withTemplate(template)
                .endSpec()
                .build();
    }
}
