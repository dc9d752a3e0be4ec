package dev.reverb.crd.manifest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a schema needs beyond the generator's annotations: unwrapped records, list types, the fields of a condition,
 * bounds of quantities, of a map's values and of a list's elements. Names that a table holds and the schema has not
 * are an error.
 */
final class SchemaAmendments {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int ELEMENT = 200;
    private static final int VALUE = 1024;
    /** Lists whose elements have a key, by path below the schema's root; two managers may then own one each. */
    private static final Map<String, List<String>> MAPS = Map.of("ReverbCluster",
            List.of("spec.apps id", "spec.imagePullSecrets name", "status.apps id", "status.conditions type"),
            "ReverbApp", List.of("status.conditions type"));
    /** Lists in which nothing stands twice. */
    private static final Map<String, List<String>> SETS = Map.of("ReverbCluster",
            List.of("spec.apps[].allowedOrigins", "spec.apps[].webhooks[].events", "spec.apps[].webhooks[].channels",
                    "spec.gateway.hostnames", "spec.topologySpread.topologyKeys", "spec.appNamespaces",
                    "spec.tls.dnsNames", "spec.redis.external.cluster.nodes", "spec.redis.external.sentinel.nodes"),
            "ReverbApp", List.of("spec.allowedOrigins", "spec.webhooks[].events", "spec.webhooks[].channels"));
    /** Objects among whose properties those of their `settings` stand, which the generator does not know. */
    private static final Map<String, String> UNWRAPPED = Map.of("ReverbCluster", "spec.apps[]", "ReverbApp", "spec");
    private static final Map<String, List<String>> TEMPLATES = Map.of("ReverbCluster",
            List.of("spec.podTemplate", "spec.redis.managed.podTemplate"), "ReverbApp", List.of());
    private static final Map<String, List<String>> RESOURCES = Map.of("ReverbCluster",
            List.of("spec.redis.managed.resources"), "ReverbApp", List.of());
    private static final Map<String, List<String>> DESCRIPTIONS = Map.of("ReverbCluster",
            List.of("A horizontally scaled installation of the Reverb server; spec: {} is a complete one.",
                    "What the cluster shall be. Everything may be absent.", "What the cluster is."),
            "ReverbApp",
            List.of("A team's own application in the team's own namespace, served by a ReverbCluster that lets it.",
                    "What the application shall be.", "What the application is."));
    private static final JsonNode CONDITION = json("""
        {"type": "object", "required": ["type", "status", "lastTransitionTime", "reason", "message"], "properties": {
          "lastTransitionTime": {"type": "string", "format": "date-time",
            "description": "When the condition's status last changed."},
          "message": {"type": "string", "maxLength": 32768, "description": "For people: what is so, and what to do."},
          "observedGeneration": {"type": "integer", "format": "int64", "minimum": 0,
            "description": "The generation of the spec that the condition speaks of."},
          "reason": {"type": "string", "minLength": 1, "maxLength": 1024,
            "pattern": "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$", "description": "For programs: why, in one word."},
          "status": {"type": "string", "enum": ["True", "False", "Unknown"], "description": "Whether it holds."},
          "type": {"type": "string", "maxLength": 316,
            "pattern": "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?\
        (([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$",
            "description": "The condition's name."}}}
        """);
    private static final JsonNode POD_TEMPLATE = json("""
        {"metadata": {"type": "object", "description": "Labels and annotations of the pods.",
            "x-kubernetes-preserve-unknown-fields": true,
            "properties": {
              "labels": {"type": "object", "maxProperties": 64, "description": "Labels of the pods.",
                "additionalProperties": {"type": "string", "maxLength": 63}},
              "annotations": {"type": "object", "maxProperties": 64, "description": "Annotations of the pods.",
                "additionalProperties": {"type": "string", "maxLength": 16384}}}},
         "spec": {"type": "object", "description": "Fields of a pod's spec.",
            "x-kubernetes-preserve-unknown-fields": true}}
        """);

    private SchemaAmendments() {}

    /** Amends {@code schema}, that of {@code kind}. */
    static void apply(ObjectNode schema, String kind) {
        describe(schema, DESCRIPTIONS.getOrDefault(kind, List.of()));
        if (kind.equals("ReverbCluster")) {
            // a resource without a spec gets the defaults within it too, or `scale` would read no replicas
            at(schema, "spec").putObject("default");
        }
        unwrap(at(schema, UNWRAPPED.getOrDefault(kind, "spec")), "settings");
        MAPS.getOrDefault(kind, List.of()).forEach(entry -> {
            String[] parts = entry.split(" ", 2);
            ObjectNode list = at(schema, parts[0]);
            list.put("x-kubernetes-list-type", "map").putArray("x-kubernetes-list-map-keys").add(parts[1]);
            required((ObjectNode) list.path("items"), parts[1]);
        });
        SETS.getOrDefault(kind, List.of()).forEach(path -> at(schema, path).put("x-kubernetes-list-type", "set"));
        at(schema, "status.conditions").set("items", CONDITION);
        TEMPLATES.getOrDefault(kind, List.of()).forEach(path -> {
            ObjectNode template = at(schema, path);
            template.put("type", "object").set("properties", POD_TEMPLATE);
        });
        RESOURCES.getOrDefault(kind, List.of()).forEach(path -> resources(at(schema, path)));
        ObjectNode spec = at(schema, "spec");
        quantities(spec);
        bounds(spec);
    }

    private static void describe(ObjectNode schema, List<String> texts) {
        schema.put("description", texts.get(0));
        at(schema, "spec").put("description", texts.get(1));
        at(schema, "status").put("description", texts.get(2));
    }

    /** Puts the properties of the property {@code name} of {@code object} in its place, in alphabetical order. */
    private static void unwrap(ObjectNode object, String name) {
        SortedMap<String, JsonNode> properties = new TreeMap<>();
        object.path("properties").properties().forEach(field -> properties.put(field.getKey(), field.getValue()));
        JsonNode inner = Objects.requireNonNull(properties.remove(name));
        if (inner.has("required") || inner.has("x-kubernetes-validations")) {
            throw new IllegalArgumentException("rules of the whole " + name + " would be lost");
        }
        inner.path("properties").properties().forEach(field -> properties.put(field.getKey(), field.getValue()));
        object.putObject("properties").setAll(properties);
    }

    private static void required(ObjectNode object, String field) {
        Set<String> names = new LinkedHashSet<>();
        object.path("required").forEach(name -> names.add(name.asText()));
        names.add(field);
        ArrayNode array = object.putArray("required");
        names.forEach(array::add);
    }

    private static void resources(ObjectNode resources) {
        ObjectNode properties = (ObjectNode) resources.path("properties");
        properties.remove("claims");
        for (String name : List.of("limits", "requests")) {
            ObjectNode amounts = (ObjectNode) properties.path(name);
            amounts.put("maxProperties", 16);
            amounts.put("description",
                    name.equals("limits") ? "Most that it may use." : "What it is given for certain.");
        }
        rule(resources,
                "!has(self.requests) || !has(self.limits) || self.requests.all(k, !(k in self.limits) || "
                        + "!isQuantity(string(self.requests[k])) || !isQuantity(string(self.limits[k])) || "
                        + "quantity(string(self.requests[k])).compareTo(quantity(string(self.limits[k]))) <= 0)",
                "a request is above its limit: write at most the limit");
    }

    /** An amount is a number or a text such as 500m or 2Gi, above zero and below what no machine has. */
    private static void quantities(JsonNode node) {
        if (node instanceof ObjectNode object && object.path("x-kubernetes-int-or-string").asBoolean()) {
            object.put("maxLength", 24);
            rule(object,
                    "isQuantity(string(self)) && quantity(string(self)).isGreaterThan(quantity('0')) && "
                            + "quantity(string(self)).isLessThan(quantity('1Ei'))",
                    "write an amount above 0, such as 1Gi or 500m");
        }
        node.forEach(SchemaAmendments::quantities);
    }

    /** Rules over lists and maps need a bound to be estimated by. */
    private static void bounds(JsonNode node) {
        if (node.get("items") instanceof ObjectNode items) {
            bound(items, ELEMENT);
        }
        if (node.get("additionalProperties") instanceof ObjectNode values) {
            bound(values, VALUE);
        }
        node.forEach(SchemaAmendments::bounds);
    }

    private static void bound(ObjectNode element, int length) {
        if (element.path("type").asText().equals("string") && !element.has("maxLength") && !element.has("enum")) {
            element.put("maxLength", length);
        }
    }

    private static void rule(ObjectNode schema, String rule, String message) {
        ArrayNode rules = schema.withArray("x-kubernetes-validations");
        rules.addObject().put("message", message).put("rule", rule);
    }

    /** The schema at {@code path}: names of properties with dots between; brackets stand for a list's elements. */
    private static ObjectNode at(ObjectNode schema, String path) {
        JsonNode node = schema;
        for (String part : path.split("\\.", -1)) {
            node = node.path("properties").path(part.replace("[]", ""));
            if (part.endsWith("[]")) {
                node = node.path("items");
            }
        }
        if (node instanceof ObjectNode found) {
            return found;
        }
        throw new IllegalArgumentException("the schema has no " + path);
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
