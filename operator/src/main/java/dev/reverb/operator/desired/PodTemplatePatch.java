package dev.reverb.operator.desired;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reverb.operator.plan.Digest;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What users write over a pod template. Pure. */
public final class PodTemplatePatch {
    private static final JsonMapper JSON = JsonMapper.builder()
            .configure(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS, true)
            .configure(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY, true)
            .build();

    private PodTemplatePatch() {}

    /**
     * {@code template} with {@code patch} merged over it.
     *
     * @param field of the resource that the patch is from, for messages
     * @param selector labels that select the pods, which nothing overrides
     * @throws IllegalArgumentException when the result is no pod template, or one without the first container of
     *     {@code template}; it names the field
     */
    public static PodTemplateSpec apply(PodTemplateSpec template, @Nullable JsonNode patch, String field,
            Map<String, String> selector) {
        if (patch == null || patch.isNull()) {
            return template;
        }
        if (!patch.isObject()) {
            throw new IllegalArgumentException(field + " is not an object: write metadata and spec of a pod");
        }
        JsonNode merged = StrategicMerge.merge(JSON.valueToTree(template), patch);
        try {
            PodTemplateSpec result = JSON.treeToValue(merged, PodTemplateSpec.class);
            if (result.getMetadata() == null || result.getSpec() == null) {
                throw new IllegalArgumentException(field + ": metadata and spec cannot be null: leave them out");
            }
            if (result.getMetadata().getLabels() == null) {
                result.getMetadata().setLabels(new TreeMap<>()); // metadata.labels: null
            }
            result.getMetadata().getLabels().putAll(selector);
            requireContainer(result, template.getSpec().getContainers().getFirst().getName(), field);
            return result;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(field + " is not a pod template: " + e.getOriginalMessage(), e);
        }
    }

    /** Without the container that does the work, nothing is served, or something else is. */
    private static void requireContainer(PodTemplateSpec template, String name, String field) {
        List<Container> containers = template.getSpec().getContainers();
        if (containers.stream().anyMatch(Objects::isNull)) {
            throw new IllegalArgumentException(field + ".spec.containers: one of them is null: leave it out");
        }
        if (containers.stream().filter(container -> name.equals(container.getName())).count() != 1) {
            throw new IllegalArgumentException(field + ".spec.containers: the container " + name
                    + " is not among them once: leave it there, and write what shall be otherwise in it");
        }
    }

    /** {@code part} as it is written, without what nobody wrote. */
    public static String text(Object part) {
        return JSON.valueToTree(part).toString();
    }

    /** A digest of {@code template}; pods are replaced when it changes. */
    public static String digest(PodTemplateSpec template) {
        try {
            return Digest.of(JSON.writeValueAsString(JSON.valueToTree(template)));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
