package dev.reverb.operator.desired.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.reverb.operator.plan.AppOwner;
import dev.reverb.operator.plan.Credentials;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The applications of a cluster as its aggregate Secret has them.
 *
 * @param entries of the servers' configuration file, by id
 * @param owners the resource that each entry comes from, by id; an entry that an operator before 0.2 wrote has none
 */
public record AppTable(SortedMap<String, JsonNode> entries, SortedMap<String, AppOwner> owners) {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final JsonMapper JSON = new JsonMapper();

    /** The table in {@code secret}; an empty one when it is missing or cannot be read. */
    public static AppTable read(Optional<Secret> secret) {
        Map<String, String> data = secret.map(Secret::getData).orElse(Map.of());
        return new AppTable(Credentials.value(data, ConfigSecret.FILE).map(AppTable::entries).orElseGet(TreeMap::new),
                Credentials.value(data, ConfigSecret.OWNERS).map(AppTable::owners).orElseGet(TreeMap::new));
    }

    /** The entry of {@code app}, as it stands in the file. */
    public static JsonNode entry(ServedApp app) {
        // written and read, so that it equals the entry of a file that was read
        return Objects.requireNonNull(entries(ConfigSecret.file(List.of(app))).get(app.id()));
    }

    /** The servers' configuration file, of servers that reach Redis by {@code redis}. */
    public String file(RedisLink redis) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("apps", List.copyOf(entries.values()));
        if (!redis.settings().isEmpty()) {
            document.put("redis", redis.settings());
        }
        return ConfigSecret.write(document);
    }

    /** The owners as JSON, for the Secret's second key. */
    public String ownersText() {
        try {
            SortedMap<String, List<String>> parts = new TreeMap<>();
            owners.forEach((id, owner) -> parts.put(id, List.of(owner.namespace(), owner.name(), owner.uid())));
            return JSON.writeValueAsString(parts);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The entry under {@code id} when {@code owner} has it. */
    public Optional<JsonNode> served(String id, AppOwner owner) {
        return owner.equals(owners.get(id)) ? Optional.ofNullable(entries.get(id)) : Optional.empty();
    }

    /** Ids of the entries of the resource {@code uid}. */
    public List<String> idsOf(String uid) {
        List<String> ids = new ArrayList<>();
        owners.forEach((id, owner) -> {
            if (owner.uid().equals(uid) && entries.containsKey(id)) {
                ids.add(id);
            }
        });
        return ids;
    }

    /** The id of the entry with {@code key}, when there is one. */
    public Optional<String> idOfKey(String key) {
        return entries.entrySet()
                .stream()
                .filter(entry -> key.equals(key(entry.getValue())))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** The credentials in {@code entry}; empty when key or secret is missing. */
    public static Optional<Credentials> credentials(@Nullable JsonNode entry) {
        if (entry == null || entry.path("key").asText().isEmpty() || entry.path("secret").asText().isEmpty()) {
            return Optional.empty();
        }
        List<String> previous = StreamSupport.stream(entry.path("previous_secrets").spliterator(), false)
                .map(JsonNode::asText)
                .toList();
        return Optional.of(new Credentials(key(entry), entry.path("secret").asText(), previous));
    }

    static String key(JsonNode entry) {
        return entry.path("key").asText();
    }

    private static SortedMap<String, JsonNode> entries(String text) {
        SortedMap<String, JsonNode> entries = new TreeMap<>();
        try {
            if (YAML.readTree(text) instanceof ObjectNode document && document.get("apps") instanceof ArrayNode apps) {
                apps.forEach(entry -> entries.put(entry.path("app_id").asText(), entry));
            }
        } catch (JsonProcessingException _) {
            return new TreeMap<>(); // somebody wrote over it: the Secrets of the applications are the other source
        }
        return entries;
    }

    private static SortedMap<String, AppOwner> owners(String text) {
        SortedMap<String, AppOwner> owners = new TreeMap<>();
        try {
            Map<String, List<String>> read = JSON.readValue(text, new TypeReference<>() {});
            read.forEach((id, parts) -> {
                if (parts.size() == 3) {
                    owners.put(id, new AppOwner(parts.get(0), parts.get(1), parts.get(2)));
                }
            });
        } catch (JsonProcessingException _) {
            return new TreeMap<>(); // as above: owners are found again by id and credentials
        }
        return owners;
    }
}
