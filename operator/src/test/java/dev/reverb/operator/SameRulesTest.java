package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.reverb.model.AppCatalogue;
import dev.reverb.model.read.AppRules;
import dev.reverb.model.read.HistoryReader;
import dev.reverb.model.read.ServerLimits;
import dev.reverb.model.read.WebhookReader;
import dev.reverb.model.setting.Setting;
import dev.reverb.model.setting.SettingsException;
import dev.reverb.model.setting.Shape;
import dev.reverb.operator.plan.RedisEndpoints;
import dev.reverb.server.config.ServerSettings;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The same values are given to the schema, in a real API server, and to the servers' own reader: both take them or both
 * refuse them. Where one of them is stricter for a reason, the reason stands beside the value.
 */
class SameRulesTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final TypeReference<Map<String, Object>> FIELDS = new TypeReference<>() {};
    private static final JsonNodeFactory MAKE = JsonNodeFactory.instance;
    /** Without retries: what does not fit a type may be answered with 500, which is tried again otherwise. */
    private static final KubernetesClient CLIENT = new KubernetesClientBuilder()
            .withConfig(
                    new ConfigBuilder(ApiServer.client().getConfiguration()).withRequestRetryBackoffLimit(0).build())
            .build();
    private static String namespace = "";
    private static JsonNode schema = MAKE.missingNode();

    /** What differs: the value, and who refuses it. */
    private final Map<String, String> differing = new TreeMap<>();
    private int compared;

    @BeforeAll
    static void start() throws IOException {
        namespace = ApiServer.namespace();
        schema = new YAMLMapper().readTree(Path.of("../crds/manifests/reverbclusters.reverb.dev.yaml").toFile())
                .at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
    }

    private static boolean taken(String kind, ObjectNode spec) {
        GenericKubernetesResource resource = new GenericKubernetesResource();
        resource.setApiVersion("reverb.dev/v1");
        resource.setKind(kind);
        resource.setMetadata(new ObjectMetaBuilder().withName("chat").withNamespace(namespace).build());
        resource.setAdditionalProperty("spec", JSON.convertValue(spec, Map.class));
        try {
            CLIENT.resource(resource).dryRun().create();
            return true;
        } catch (KubernetesClientException e) {
            assertTrue(e.getCode() == 422 || e.getCode() == 400 || e.getCode() == 500,
                    () -> spec + ": " + e.getMessage());
            return false;
        }
    }

    /** An application of a cluster with {@code field}, whose Secret is given, so that its id names none. */
    private static ObjectNode app(String field, JsonNode value) {
        ObjectNode app = MAKE.objectNode().put("id", "a").put("credentialsSecret", "s");
        set(app, field, value);
        ObjectNode spec = MAKE.objectNode();
        spec.putArray("apps").add(app);
        return spec;
    }

    /** Sets {@code field}, whose parts with brackets are lists of one element. */
    private static void set(ObjectNode object, String field, JsonNode value) {
        ObjectNode node = object;
        List<String> parts = List.of(field.split("\\.", -1));
        for (String part : parts.subList(0, parts.size() - 1)) {
            node = part.endsWith("[]") ? node.putArray(part.replace("[]", "")).addObject() : node.putObject(part);
            switch (part) {
                case "history[]" -> node.put("channels", "a*");
                case "webhooks[]" -> node.put("url", "https://h/y");
                default -> {
                }
            }
        }
        String last = parts.getLast();
        if (last.endsWith("[]")) {
            node.putArray(last.replace("[]", "")).add(value);
        } else {
            node.set(last, value);
        }
    }

    /** Whether a server takes an application with {@code field} as its file has it. */
    private static boolean appRead(String field, JsonNode value) {
        ObjectNode custom = MAKE.objectNode();
        set(custom, field, value);
        Map<String, Object> entry = new LinkedHashMap<>(Map.of("app_id", "a", "key", "k", "secret", "s"));
        entry.putAll(AppCatalogue.fileEntry(JSON.convertValue(custom, FIELDS)));
        // a large message needs a large buffer, which is another field's matter
        return AppRules.check(entry, new ServerLimits(0, 1 << 30)).isEmpty();
    }

    /** Whether a server starts with {@code variables} beside Redis being on. */
    private static boolean serverRead(Map<String, String> variables) {
        Map<String, String> env = new LinkedHashMap<>(variables);
        env.put("REVERB_SCALING_ENABLED", "true");
        try (Settings _ = Settings.read(env, Optional.empty(), Overrides.none())) {
            return true;
        } catch (SettingsException _) {
            return false;
        }
    }

    private void compare(String what, String value, boolean schemaTakes, boolean serverTakes) {
        compared++;
        if (schemaTakes != serverTakes) {
            String shown = value.length() > 60 ? value.substring(0, 8) + "… of " + value.length() : value;
            differing.put(what + " " + MAKE.textNode(shown), schemaTakes ? "server" : "schema");
        }
    }

    private void apps(String field, List<String> values) {
        for (String value : values) {
            JsonNode node = MAKE.textNode(value);
            compare(field, value, taken("ReverbCluster", app(field, node)), appRead(field, node));
        }
    }

    private void servers(String field, List<String> values, String... variables) {
        for (String value : values) {
            ObjectNode spec = MAKE.objectNode();
            if (field.contains("sentinel.master")) {
                set(spec, "redis.external.sentinel.nodes[]", MAKE.textNode("a:1"));
                ((ObjectNode) spec.at("/redis/external/sentinel")).put("master", value);
            } else {
                set(spec, field, MAKE.textNode(value));
                if (field.contains("sentinel.nodes")) {
                    ((ObjectNode) spec.at("/redis/external/sentinel")).put("master", "m");
                }
                if (field.equals("redis.external.username") || field.equals("redis.external.prefix")) {
                    ((ObjectNode) spec.at("/redis/external")).putObject("cluster").putArray("nodes").add("a:1");
                }
            }
            Map<String, String> env = new LinkedHashMap<>();
            if (field.contains("sentinel")) {
                env.put("REDIS_SENTINEL_NODES", "a:1");
            }
            for (String variable : variables) {
                env.put(variable, value);
            }
            compare(field, value, taken("ReverbCluster", spec), serverRead(env));
        }
    }

    private static String of(int length) {
        return "x".repeat(length);
    }

    @Test
    void originsIdsAndChannels() {
        apps("allowedOrigins[]",
                List.of("a.b", "*.a.b", "*", "a?b", "my_host", "A.B", "localhost:3000", "a.b:*", "a.b:65535",
                        "a.b:65536", "a.b:0", "a.b:", "a.b:080", "[::1]", "[::1]:80", "[fe80::*]", "[::1", "::1",
                        "https://a.b", "a.b/", "a b", "", "bücher.de", "{a}", "!a", "[a", "a,b", " a", "a\n", of(253),
                        of(254)));
        List<String> ids = List.of("a", "A", "1", "a.b", "a-b", "a_b", "a~b", "-a", "a-", ".a", "a.", "..a", ".", "..",
                "...", "~", "_", of(200), of(201), "", "a/b", "a b", "ä", "a\n", "a%20b");
        apps("id", ids);
        for (String id : ids) {
            ObjectNode spec = MAKE.objectNode().put("id", id);
            spec.putObject("clusterRef").put("name", "chat");
            compare("ReverbApp.id", id, taken("ReverbApp", spec), appRead("id", MAKE.textNode(id)));
        }
        List<String> channels = List.of("a", "presence-*", "a?", "a b", "a\tb", "a\u000bb", "a\u00a0b", "a\u2003b",
                "\u00fc", "😀", of(200), of(201), "", " ", "a\n");
        apps("webhooks[].channelPrefix", channels);
        apps("webhooks[].channels[]", channels);
        apps("history[].channels", channels);
        assertEquals(Map.ofEntries(
                // no host name is longer
                Map.entry("allowedOrigins[] \"xxxxxxxx… of 254\"", "schema"),
                // clients take dots alone out of a path, so that nobody could publish
                Map.entry("id \".\"", "schema"), Map.entry("id \"..\"", "schema"), Map.entry("id \"...\"", "schema"),
                Map.entry("ReverbApp.id \".\"", "schema"), Map.entry("ReverbApp.id \"..\"", "schema"),
                Map.entry("ReverbApp.id \"...\"", "schema")), differing);
    }

    @Test
    void addressesAndHeadersOfWebhooks() {
        apps("webhooks[].url", List.of("https://h/x", "http://h/x", "http://h", "http://h/", "https://my_service/x",
                "https://my_service:8080/x?y=z#f", "http://a_b.c_d.svc", "http://a~b/", "http://-a/",
                "http://1.2.3.4:80/x", "http://h:/x", "http://h:0/x", "http://h:65535/", "http://h:65536/",
                "http://h:080/", "http://h:99999999/", "http://h:80:90/", "http://u:p@h/x", "http://u@my_service/x",
                "http://u:p%40@h/", "http://u@v@h/", "http://@h/", "http://[::1]/x", "http://[::1]:8080/x",
                "http://[zz]/", "http://[1:2]/", "http://[::1/", "http://h/a b", "http://h/a%20b", "http://h/a%2",
                "http://h/%zz", "http://h/[a]", "http://h/?a=[b]", "http://h/{a}", "http://h/a|b", "http://h/a\\b",
                "http://h/a^b", "http://h/`", "http://h/\"", "http://h/<a>", "http://h/\u00fc", "http://\u00fc/",
                "http://h/\ud83d\ude00", "http://h/a\u00a0b", "http://h/a\u0085b", "http://h?x=1", "http://h#f",
                "http://h/#a#b", "http://h/a\n", " http://h/", "ftp://h/x", "HTTP://h/x", "Https://h/x", "//h/xxxxx",
                "http:/h/xxx", "http:///xxx", "http://:80/x", "http:h/xxxx", "https://$HOST/x", "https://h/$x",
                "https://h/'x'", "https://h/(x);y=1,2:3@!*~", "http://h.example.com.:80/", "http://h..x/",
                "javascript:alert(1)", "http://h/" + of(2039), "http://h/" + of(2040)));
        for (String name : List.of("X-A", "x_a", "X A", "", "X:A", "Ü", "!#$%&'*+.^_`|~-", "Host", "content-type",
                of(100), of(200), of(201))) {
            JsonNode value = MAKE.objectNode().put(name, "v");
            compare("header", name, taken("ReverbCluster", app("webhooks[].headers", value)),
                    appRead("webhooks[].headers", value));
        }
        for (String value : List.of("", "a b", "a\tb", "a\nb", "\u007f", "ü", "\u0085", of(8192), of(8193))) {
            JsonNode header = MAKE.objectNode().put("X-A", value);
            compare("header value", value, taken("ReverbCluster", app("webhooks[].headers", header)),
                    appRead("webhooks[].headers", header));
        }
        assertEquals(Map.ofEntries(
                // what the operator names: an expression for all of IPv6 would be longer than all others together
                Map.entry("webhooks[].url \"http://[1:2]/\"", "server"),
                Map.entry("webhooks[].url \"http://h:080/\"", "schema"),
                // longer than any that is written
                Map.entry("webhooks[].url \"http://h… of 2049\"", "schema"),
                // the API server has no pattern for names in a map; the operator names them
                Map.entry("header \"X A\"", "server"), Map.entry("header \"X:A\"", "server"),
                Map.entry("header \"Ü\"", "server"), Map.entry("header \"Host\"", "server"),
                Map.entry("header \"content-type\"", "server")), differing);
    }

    @Test
    void redisAndProxies() {
        List<String> nodes = List.of("a:1", "a_b:6379", "A.b-c:65535", "a:65536", "a:0", "a:", "a", "[::1]:6379",
                "[zz]:1", "::1:6379", "a b:1", "redis://a:1", "a:01", "ü:1");
        servers("redis.external.sentinel.nodes[]", nodes, "REDIS_SENTINEL_NODES");
        servers("redis.external.cluster.nodes[]", nodes, "REDIS_CLUSTER_NODES");
        List<String> texts = List.of("main", "my main", "ü", "a\nb", "a\rb", "a\u0085b", "a\u2028b", "a\tb", of(253));
        servers("redis.external.sentinel.master", texts, "REDIS_SENTINEL_MASTER");
        servers("redis.external.username", texts, "REDIS_USERNAME");
        servers("redis.external.prefix", List.of("a", "a:b", "a.b-c_d", "a b", "ü", "a{b}", of(100), of(101)),
                "REVERB_SCALING_CHANNEL");
        servers("server.trustedProxies[]",
                List.of("10.0.0.0/8", "10.0.0.1", "*", "**", "::1", "fe80::/10", "2001:db8::1/128", "2001:db8::/129",
                        "10.0.0.0/33", "256.1.1.1", "1.2.3", "1.2.3.4.5", "::ffff:1.2.3.4", "a.b", ":", "1:2", "/8",
                        "10.0.0.0/", "0.0.0.0/0", "::/0", "01.2.3.4"),
                "REVERB_TRUSTED_PROXIES");
        for (String url : List.of("redis://r", "rediss://u:p@r:6380/2", "redis://r_1", "valkey://r", "valkeys://r",
                "tcp://r", "tls://r", "REDIS://r", "http://r", "redis:r", "redis://", "redis://r:0", "redis://r:65535",
                "redis://r:65536", "redis://r/1", "redis://r/a", "redis://r/-1", "redis://r/+1", "redis://r/1/2",
                "redis://r/99999", "redis://r/100000", "redis://r/99999999999", "redis://r?database=3",
                "redis://r?database=a", "redis://r?db=b", "redis://r?db=3&database=x", "redis://r?x=y",
                "redis://u:p@w@r", "redis://:p%zz@r", "redis://:p%40@r", "redis://:p#w@r", "redis://[::1]:6379",
                "redis://[zz]", "redis://r\n", " redis://r", "redis://r s", "redis://ü", "redis://r/%31")) {
            compare("url", url, RedisEndpoints.refusal(url).isEmpty(), serverRead(Map.of("REDIS_URL", url)));
        }
        Predicate<Map.Entry<String, String>> portless = entry -> entry.getKey().endsWith(".nodes[] \"a\"");
        assertEquals(2, differing.entrySet().stream().filter(portless).count(),
                "a node of a resource has its port written, so that nobody takes a Sentinel's for Redis's");
        differing.entrySet().removeIf(portless);
        assertEquals(Map.of(), differing);
    }

    /** Bounds of numbers, sizes and times, and the words of enumerations, for every setting that has a field. */
    @Test
    void boundsOfEverySetting() {
        bounds(AppCatalogue.ALL, "");
        bounds(HistoryReader.ALL, "history[].");
        bounds(WebhookReader.ALL, "webhooks[].");
        ServerSettings.ALL.stream()
                .filter(setting -> !setting.key().isEmpty() && !setting.key().startsWith("redis."))
                .forEach(setting -> {
                    String field = AppCatalogue.customName(setting);
                    if (!field.isEmpty() && !at(field).isMissingNode()) {
                        values(setting.type().shape()).forEach(value -> {
                            ObjectNode spec = MAKE.objectNode();
                            set(spec, field,
                                    at(field).path("type").asText().equals("integer")
                                            ? MAKE.numberNode(Long.parseLong(value))
                                            : MAKE.textNode(value));
                            compare(field, value, taken("ReverbCluster", spec),
                                    serverRead(Map.of(setting.variable(), value)));
                        });
                    }
                });
        assertTrue(compared > 200, () -> "only " + compared);
        assertEquals(Map.of(), differing);
    }

    private void bounds(List<Setting<?>> settings, String place) {
        settings.forEach(setting -> {
            String name = AppCatalogue.customName(setting);
            String field = place + name;
            if (name.isEmpty() || at("apps[]." + field).isMissingNode()) {
                return;
            }
            boolean number = at("apps[]." + field).path("type").asText().equals("integer");
            values(setting.type().shape()).stream()
                    .filter(value -> !number || value.matches("-?[0-9]+s?"))
                    .forEach(value -> {
                        JsonNode node = node(at("apps[]." + field), value);
                        compare(field, value, taken("ReverbCluster", app(field, node)), appRead(field, node));
                    });
        });
    }

    /** Numbers as such where the field has them; a time may be a number of seconds. */
    private static JsonNode node(JsonNode field, String value) {
        return field.path("type").asText().equals("integer") && value.matches("-?[0-9]+s?")
                ? MAKE.numberNode(Long.parseLong(value.replace("s", "")))
                : MAKE.textNode(value);
    }

    /** The schema of {@code field}, or a missing node. */
    private static JsonNode at(String field) {
        JsonNode node = schema;
        for (String part : field.split("\\.", -1)) {
            node = node.path("properties").path(part.replace("[]", ""));
            node = part.endsWith("[]") ? node.path("items") : node;
        }
        return node;
    }

    /** What stands at the bounds of {@code shape}, on both sides, and what is beside all of them. */
    private static List<String> values(Shape shape) {
        List<String> values = new ArrayList<>();
        switch (shape.kind()) {
            case INTEGER,
                    SIZE ->
                Stream.of(shape.min().getAsLong() - 1, shape.min().getAsLong(), shape.max().getAsLong(),
                        shape.max().getAsLong() + 1, -1L).map(String::valueOf).forEach(values::add);
            case DURATION, SECONDS -> {
                long min = (shape.min().getAsLong() + 999) / 1000;
                long max = shape.max().getAsLong() / 1000;
                if (min > 0) {
                    values.add(min - 1 + "s");
                }
                values.addAll(List.of(min + "s", max + "s", max + 1 + "s", max / 60 + "m" + max % 60 + "s",
                        max / 3600 + 1 + "h", "-1s", "1.5h", "s", "soon", "9999999s9999999s9999999s",
                        "999999h999999h999999h"));
            }
            case ENUM -> {
                values.addAll(shape.values());
                values.add("nonsense");
            }
            case BOOLEAN, TEXT, LIST -> {
            }
        }
        return values;
    }
}
