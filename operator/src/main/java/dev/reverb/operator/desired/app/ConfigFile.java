package dev.reverb.operator.desired.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.reverb.operator.plan.Credentials;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The servers' configuration file.
 *
 * @param text as it is mounted
 * @param sharedKeys ids of applications left out because another one has their key
 */
public record ConfigFile(String text, Set<String> sharedKeys) {
    private static final YAMLMapper YAML = new YAMLMapper();

    /**
     * The file of {@code served}, and of {@code kept}: entries of an earlier file whose Secrets are missing now. Two
     * applications with one key would make the servers refuse the whole file, so the later one is left out.
     */
    public static ConfigFile of(List<ServedApp> served, List<JsonNode> kept) {
        Set<String> keys = new HashSet<>();
        Set<String> shared = new TreeSet<>();
        kept.forEach(entry -> keys.add(entry.path("key").asText()));
        List<ServedApp> distinct = served.stream().filter(app -> {
            boolean first = keys.add(app.credentials().key());
            if (!first) {
                shared.add(app.id());
            }
            return first;
        }).toList();
        String text = ConfigSecret.file(distinct);
        if (!kept.isEmpty()) {
            Map<String, JsonNode> all = new TreeMap<>(parse(text));
            kept.forEach(entry -> all.put(entry.path("app_id").asText(), entry));
            text = ConfigSecret.write(Map.of("apps", List.copyOf(all.values())));
        }
        return new ConfigFile(text, shared);
    }

    /** Entries of the aggregate Secret by id; none when it is missing or not readable. */
    public static Map<String, JsonNode> entries(Optional<Secret> secret) {
        return secret.map(Secret::getData)
                .flatMap(data -> Credentials.value(data, ConfigSecret.FILE))
                .map(ConfigFile::parse)
                .orElseGet(TreeMap::new);
    }

    public Map<String, JsonNode> entries() {
        return parse(text);
    }

    private static Map<String, JsonNode> parse(String text) {
        Map<String, JsonNode> entries = new TreeMap<>();
        try {
            if (YAML.readTree(text) instanceof ObjectNode document && document.get("apps") instanceof ArrayNode apps) {
                apps.forEach(entry -> entries.put(entry.path("app_id").asText(), entry));
            }
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
        return entries;
    }
}
