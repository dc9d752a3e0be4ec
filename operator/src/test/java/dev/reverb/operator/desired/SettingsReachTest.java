package dev.reverb.operator.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.reverb.operator.desired.app.AppTable;
import dev.reverb.operator.desired.app.ServedApp;
import dev.reverb.operator.desired.server.ServerStatefulSet;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import io.fabric8.kubernetes.api.model.EnvVar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every setting of the server can be written in a resource, under its own name and within the server's own bounds, and
 * reaches the server; or docs/operator.md says where it is instead, or why it is not there.
 */
class SettingsReachTest {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern BOUNDS = Pattern.compile("(?:a whole number|a size)(?:,)? from (\\d+) to (\\d+).*");
    private static final Pattern LEAST = Pattern.compile("a whole number, at least (\\d+)");
    private static final Map<String, String> APPS = Map.of("Applications", "apps[].", "History of an application",
            "apps[].history[].", "Webhooks of an application", "apps[].webhooks[].");
    private static List<Row> catalogue = List.of();
    private static Set<String> elsewhere = Set.of();
    private static JsonNode cluster = JsonNodeFactory.instance.missingNode();
    private static JsonNode app = JsonNodeFactory.instance.missingNode();

    /** One setting as docs/settings.md has it, which is generated from the server's catalogue. */
    private record Row(String key, String variable, String allowed) {
        /** The name in docs/operator.md: that of the file, or the variable where the file has none. */
        String name() {
            return key.isEmpty() ? variable : key;
        }

        String field() {
            return Pattern.compile("_([a-z])")
                    .matcher(key)
                    .replaceAll(match -> match.group(1).toUpperCase(Locale.ROOT));
        }
    }

    @BeforeAll
    static void read() throws IOException {
        catalogue = catalogue(Files.readAllLines(Path.of("../docs/settings.md")));
        elsewhere = elsewhere(Files.readAllLines(Path.of("../docs/operator.md")));
        cluster = schema("reverbclusters");
        app = schema("reverbapps");
    }

    private static JsonNode schema(String plural) throws IOException {
        return YAML.readTree(Path.of("../crds/manifests", plural + ".reverb.dev.yaml").toFile())
                .at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
    }

    private static List<Row> catalogue(List<String> page) {
        List<Row> rows = new ArrayList<>();
        String section = "";
        for (String line : page) {
            if (line.startsWith("#")) {
                section = line.replaceFirst("#+ ", "");
            }
            List<String> cells = List.of(line.split(" ?(?<!\\\\)\\| ?", -1));
            if (line.startsWith("| ") && !line.startsWith("| Key") && cells.size() > 5) {
                boolean list = section.startsWith("History") || section.startsWith("Webhooks of");
                String key = code(cells.get(1)).stream().findFirst().orElse("");
                rows.add(new Row(key.isEmpty() ? "" : APPS.getOrDefault(section, "") + key,
                        list ? "" : code(cells.get(2)).getFirst(), cells.get(list ? 3 : 4)));
            }
        }
        return rows;
    }

    private static Set<String> elsewhere(List<String> page) {
        Set<String> names = new TreeSet<>();
        boolean inside = false;
        for (String line : page) {
            if (line.startsWith("#")) {
                inside = line.equals("## Settings of the servers");
            } else if (inside && line.startsWith("| `")) {
                names.addAll(code(line.substring(1, line.indexOf('|', 1))));
            }
        }
        return names;
    }

    private static List<String> code(String cell) {
        return CODE.matcher(cell).results().map(match -> match.group(1)).toList();
    }

    /** The schema of {@code field}, or a missing node. */
    private static JsonNode at(JsonNode spec, String field) {
        JsonNode node = spec;
        for (String part : field.split("\\.", -1)) {
            node = node.path("properties").path(part.replace("[]", ""));
            node = part.endsWith("[]") ? node.path("items") : node;
        }
        return node;
    }

    @Test
    void theCatalogueIsReadWhole() {
        Set<String> names = catalogue.stream().map(Row::name).collect(Collectors.toSet());
        assertTrue(
                names.containsAll(Set.of("REVERB_CONFIG", "limits.idempotency_window", "drain.presence_linger",
                        "apps[].rate_limiting.max_attempts", "apps[].history[].age", "apps[].webhooks[].headers")),
                names::toString);
        assertTrue(catalogue.size() > 90, () -> catalogue.size() + " settings");
    }

    @Test
    void everySettingHasAFieldOfItsNameOrThePageSaysWhereItIs() {
        Set<String> unreached = new TreeSet<>();
        Set<String> twice = new TreeSet<>();
        for (Row row : catalogue) {
            boolean field = !row.key().isEmpty() && !at(cluster, row.field()).isMissingNode();
            boolean attached = !row.key().startsWith("apps[].")
                    || !at(app, row.field().substring("apps[].".length())).isMissingNode();
            if (elsewhere.contains(row.name())) {
                if (field) {
                    twice.add(row.name());
                }
            } else if (!field || !attached) {
                unreached.add(row.name());
            }
        }
        assertEquals(Set.of(), unreached,
                "add a field, or a row below \"Settings of the servers\" in docs/operator.md");
        assertEquals(Set.of(), twice, "have a field and stand in docs/operator.md as if they had none");
        Set<String> unknown = new TreeSet<>(elsewhere);
        unknown.removeAll(catalogue.stream().map(Row::name).collect(Collectors.toSet()));
        assertEquals(Set.of(), unknown, "stand in docs/operator.md and are no settings");
    }

    @Test
    void numbersHaveTheServersOwnBounds() {
        List<String> wrong = new ArrayList<>();
        for (Row row : catalogue) {
            JsonNode field = at(cluster, row.field());
            if (row.key().isEmpty() || !field.path("type").asText().equals("integer")) {
                continue;
            }
            Matcher bounds = BOUNDS.matcher(row.allowed());
            Matcher least = LEAST.matcher(row.allowed());
            if (bounds.matches()) {
                compare(row, field, Long.parseLong(bounds.group(1)), Long.parseLong(bounds.group(2)), wrong);
            } else if (least.matches()) {
                compare(row, field, Long.parseLong(least.group(1)), Integer.MAX_VALUE, wrong);
            }
        }
        assertEquals(List.of(), wrong);
    }

    private static void compare(Row row, JsonNode field, long min, long max, List<String> wrong) {
        long lowest = field.path("minimum").asLong(Long.MIN_VALUE);
        long highest = field.path("maximum").asLong(Long.MAX_VALUE);
        if (lowest != min || highest != max) {
            wrong.add(row.name() + " allows " + min + " to " + max + ", its field " + lowest + " to " + highest);
        }
    }

    @Test
    void whatAFieldSaysReachesTheServers() throws IOException {
        List<String> lost = new ArrayList<>();
        for (Row row : catalogue) {
            if (row.key().isEmpty() || elsewhere.contains(row.name())) {
                continue;
            }
            ObjectNode spec = JsonNodeFactory.instance.objectNode();
            JsonNode sample = sample(at(cluster, row.field()));
            put(spec, row.field(), sample);
            ClusterPlan plan = Plans.of(spec.toString());
            Optional<String> got = row.key().startsWith("apps[].") ? inTheFile(plan, row) : inTheEnvironment(plan, row);
            if (got.isEmpty() || !got.get().contains(text(sample))) {
                lost.add(row.name() + ": " + sample + " became " + got);
            }
        }
        assertEquals(List.of(), lost);
    }

    /** The environment of the container wins over a field, whatever the setting is. */
    @Test
    void whatHasNoFieldIsReachedByThePodTemplate() {
        ClusterPlan plan = Plans.of("{limits: {maxBatchSize: 7}, podTemplate: {spec: {containers: [{name: server, env:"
                + " [{name: REVERB_TRANSPORT, value: nio}, {name: REVERB_MAX_BATCH_SIZE, value: '8'}]}]}}}");
        assertEquals(Optional.of("nio"), variable(plan, "REVERB_TRANSPORT"));
        assertEquals(Optional.of("8"), variable(plan, "REVERB_MAX_BATCH_SIZE"));
    }

    private static Optional<String> inTheEnvironment(ClusterPlan plan, Row row) {
        return variable(plan, row.variable());
    }

    private static Optional<String> variable(ClusterPlan plan, String name) {
        return ServerStatefulSet.template(plan, "")
                .getSpec()
                .getContainers()
                .getFirst()
                .getEnv()
                .stream()
                .filter(variable -> variable.getName().equals(name))
                .map(EnvVar::getValue)
                .findFirst();
    }

    private static Optional<String> inTheFile(ClusterPlan plan, Row row) {
        var asked = plan.apps().getFirst();
        JsonNode entry = AppTable
                .entry(new ServedApp("a", new Credentials("k", "s", List.of()), asked.settings(), List.of()));
        String path = row.key().substring("apps[]".length()).replace("[]", ".0").replace('.', '/');
        JsonNode node = entry.at(path);
        return node.isMissingNode() ? Optional.empty() : Optional.of(node.toString());
    }

    private static JsonNode sample(JsonNode schema) {
        JsonNodeFactory make = JsonNodeFactory.instance;
        return switch (schema.path("type").asText()) {
            case "boolean" -> make.booleanNode(true);
            case "integer" -> make.numberNode(Math.max(7, schema.path("minimum").asLong()));
            case "array" -> make.arrayNode().add(sample(schema.path("items")));
            case "object" -> make.objectNode().put("X-A", "b");
            default -> schema.has("enum") ? schema.path("enum").get(0)
                    : make.textNode(schema.path("pattern").asText().contains("://") ? "https://h/x"
                            : schema.path("x-kubernetes-validations").toString().contains("duration(") ? "7s"
                                    : "10.0.0.7");
        };
    }

    /** What of {@code sample} has to be found again; the file has times as seconds. */
    private static String text(JsonNode sample) {
        return sample.isArray() ? text(sample.get(0))
                : sample.isObject() ? "b" : sample.asText().equals("7s") ? "7" : sample.asText();
    }

    private static void put(ObjectNode spec, String field, JsonNode value) {
        ObjectNode node = spec;
        List<String> parts = List.of(field.split("\\.", -1));
        for (String part : parts.subList(0, parts.size() - 1)) {
            node = part.endsWith("[]") ? node.putArray(part.replace("[]", "")).addObject() : node.putObject(part);
            switch (part) {
                case "apps[]" -> node.put("id", "a");
                case "history[]" -> node.put("channels", "a*");
                case "webhooks[]" -> node.put("url", "https://h/y");
                default -> {
                }
            }
        }
        node.set(parts.getLast(), value);
    }
}
