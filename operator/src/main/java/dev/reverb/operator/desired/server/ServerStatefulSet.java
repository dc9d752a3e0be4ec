package dev.reverb.operator.desired.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Digest;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The servers. Their number and the partition come from the roll; the template alone says what a server is.
 */
public final class ServerStatefulSet {
    private static final JsonMapper JSON = JsonMapper.builder()
            .configure(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS, true)
            .configure(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY, true)
            .build();

    private ServerStatefulSet() {}

    /**
     * The pod template, with {@code spec.podTemplate} merged over it.
     *
     * @param secretsDigest digest of the Secrets that the environment takes values from
     * @throws IllegalArgumentException when {@code spec.podTemplate} is not one, naming the field
     */
    public static PodTemplateSpec template(ClusterPlan plan, String secretsDigest) {
        PodTemplateSpec template = ServerPod.of(plan, secretsDigest);
        JsonNode patch = plan.spec().podTemplate();
        if (patch == null || patch.isNull()) {
            return template;
        }
        if (!patch.isObject()) {
            throw new IllegalArgumentException("spec.podTemplate is not an object: write metadata and spec of a pod");
        }
        for (String part : List.of("metadata", "spec")) {
            if (patch.has(part) && !patch.get(part).isObject()) {
                throw new IllegalArgumentException("spec.podTemplate." + part
                        + " is not an object: write the fields that" + " differ, or leave it out");
            }
        }
        JsonNode merged = StrategicMerge.merge(JSON.valueToTree(template), patch);
        try {
            PodTemplateSpec result = JSON.treeToValue(merged, PodTemplateSpec.class);
            if (result.getMetadata().getLabels() == null) {
                result.getMetadata().setLabels(new TreeMap<>()); // spec.podTemplate.metadata.labels: null
            }
            // what selects the pods cannot be overridden
            result.getMetadata().getLabels().putAll(Labels.selector(plan.name(), Labels.SERVER));
            return result;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("spec.podTemplate is not a pod template: " + e.getOriginalMessage(), e);
        }
    }

    /** A digest of {@code template}; pods roll when it changes. */
    public static String digest(PodTemplateSpec template) {
        try {
            return Digest.of(JSON.writeValueAsString(JSON.valueToTree(template)));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
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
