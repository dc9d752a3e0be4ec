package dev.reverb.operator.desired;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Merges what a user wrote over a pod template as Kubernetes merges strategically: objects by field, the lists that
 * have a merge key element by element, other lists as a whole; null removes.
 */
public final class StrategicMerge {
    /** Merge keys of a pod template's lists, by the list's field name. */
    private static final Map<String, String> KEYS = Map.of("containers", "name", "initContainers", "name", "volumes",
            "name", "env", "name", "volumeMounts", "mountPath", "ports", "containerPort", "imagePullSecrets", "name",
            "hostAliases", "ip", "topologySpreadConstraints", "topologyKey", "volumeDevices", "devicePath");

    private StrategicMerge() {}

    /** {@code base} with {@code patch} over it; neither is changed. */
    static JsonNode merge(JsonNode base, JsonNode patch) {
        return merge(base, patch, "");
    }

    private static JsonNode merge(@Nullable JsonNode base, JsonNode patch, String field) {
        if (base instanceof ObjectNode from && patch instanceof ObjectNode over) {
            return objects(from, over);
        }
        String key = KEYS.get(field);
        if (key != null && base instanceof ArrayNode from && patch instanceof ArrayNode over) {
            return lists(from, over, key);
        }
        return patch.deepCopy();
    }

    private static ObjectNode objects(ObjectNode base, ObjectNode patch) {
        ObjectNode merged = base.deepCopy();
        patch.properties().forEach(property -> {
            String name = property.getKey();
            if (property.getValue().isNull()) {
                merged.remove(name);
            } else {
                merged.set(name, merge(merged.get(name), property.getValue(), name));
            }
        });
        return merged;
    }

    private static ArrayNode lists(ArrayNode base, ArrayNode patch, String key) {
        Map<String, JsonNode> elements = new LinkedHashMap<>();
        base.forEach(element -> elements.put(element.path(key).asText(), element));
        List<JsonNode> keyless = new ArrayList<>();
        for (JsonNode element : patch) {
            String identity = element.path(key).asText();
            if (identity.isEmpty()) {
                keyless.add(element);
            } else if (element.path("$patch").asText().equals("delete")) {
                elements.remove(identity);
            } else {
                elements.merge(identity, element, (from, over) -> merge(from, over, ""));
            }
        }
        ArrayNode merged = base.arrayNode();
        return merged.addAll(elements.values()).addAll(keyless);
    }
}
