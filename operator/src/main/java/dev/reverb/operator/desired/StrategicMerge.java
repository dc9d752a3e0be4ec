package dev.reverb.operator.desired;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Merges what a user wrote over a pod template as Kubernetes merges strategically: objects by field, the lists that
 * have a merge key element by element, other lists as a whole; null removes. Knows the directives
 * {@code $patch: delete} of an element, {@code $patch: replace} of an object or a list, and {@code $retainKeys}.
 */
public final class StrategicMerge {
    /** Merge keys of a pod template's lists, by the list's field name. */
    private static final Map<String, String> KEYS = Map.of("containers", "name", "initContainers", "name", "volumes",
            "name", "env", "name", "volumeMounts", "mountPath", "ports", "containerPort", "imagePullSecrets", "name",
            "hostAliases", "ip", "topologySpreadConstraints", "topologyKey", "volumeDevices", "devicePath");

    private static final String DIRECTIVE = "$patch";
    private static final String REPLACE = "replace";
    private static final String RETAIN = "$retainKeys";

    private StrategicMerge() {}

    /** {@code base} with {@code patch} over it; neither is changed. */
    static JsonNode merge(JsonNode base, JsonNode patch) {
        return merge(base, patch, "");
    }

    private static JsonNode merge(@Nullable JsonNode base, JsonNode patch, String field) {
        if (patch instanceof ObjectNode over) {
            // with nothing beneath it, too: directives are not fields
            return objects(base instanceof ObjectNode from ? from : over.objectNode(), over);
        }
        String key = KEYS.get(field);
        if (key != null && patch instanceof ArrayNode over) {
            return lists(base instanceof ArrayNode from ? from : over.arrayNode(), over, key);
        }
        return patch.deepCopy();
    }

    private static ObjectNode objects(ObjectNode base, ObjectNode patch) {
        ObjectNode merged = patch.path(DIRECTIVE).asText().equals(REPLACE) ? base.objectNode() : base.deepCopy();
        JsonNode retained = patch.get(RETAIN);
        if (retained != null) {
            Set<String> names = new HashSet<>();
            retained.forEach(name -> names.add(name.asText()));
            merged.retain(names);
        }
        patch.properties().forEach(property -> {
            String name = property.getKey();
            if (name.equals(DIRECTIVE) || name.equals(RETAIN)) {
                return;
            }
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
        boolean replaces = false;
        for (JsonNode element : patch) {
            replaces |= !element.has(key) && element.path(DIRECTIVE).asText().equals(REPLACE);
        }
        if (!replaces) {
            base.forEach(element -> elements.put(element.path(key).asText(), element));
        }
        List<JsonNode> keyless = new ArrayList<>();
        for (JsonNode element : patch) {
            String identity = element.path(key).asText();
            String directive = element.path(DIRECTIVE).asText();
            if (identity.isEmpty()) {
                if (directive.isEmpty()) {
                    keyless.add(element);
                }
            } else if (directive.equals("delete")) {
                elements.remove(identity);
            } else {
                elements.put(identity, merge(elements.get(identity), element, ""));
            }
        }
        ArrayNode merged = base.arrayNode();
        return merged.addAll(elements.values()).addAll(keyless);
    }
}
