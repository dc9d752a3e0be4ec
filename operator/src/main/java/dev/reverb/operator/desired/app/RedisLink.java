package dev.reverb.operator.desired.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.reverb.operator.plan.Credentials;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What servers reach Redis with and may change without a restart. It stands in the aggregate Secret, which servers
 * follow, and not in their environment, which only a restart changes.
 *
 * @param host of the managed Redis
 * @param url of an external Redis, when it is reached by one
 * @param password of Redis
 * @param sentinelPassword of the Sentinels
 * @param ca certificates, as PEM, that Redis is verified against
 */
public record RedisLink(
        Optional<String> host,
        Optional<String> url,
        Optional<String> password,
        Optional<String> sentinelPassword,
        Optional<String> ca) {
    private static final YAMLMapper YAML = new YAMLMapper();

    /** A managed Redis. */
    public static RedisLink managed(String host, String password) {
        return new RedisLink(Optional.of(host), Optional.empty(), Optional.of(password), Optional.empty(),
                Optional.empty());
    }

    /** What is in force by the aggregate Secret {@code config}. */
    public static RedisLink read(Optional<Secret> config) {
        Map<String, String> data = config.map(Secret::getData).orElse(Map.of());
        Optional<JsonNode> redis = Credentials.value(data, ConfigSecret.FILE).flatMap(RedisLink::redis);
        return new RedisLink(text(redis, "/host"), text(redis, "/url"),
                text(redis, "/password").or(() -> Credentials.value(data, ConfigSecret.REDIS_PASSWORD)),
                text(redis, "/sentinel/password"), Credentials.value(data, ConfigSecret.REDIS_CA));
    }

    private static Optional<JsonNode> redis(String file) {
        try {
            return Optional.ofNullable(YAML.readTree(file)).map(document -> document.path("redis"));
        } catch (JsonProcessingException _) {
            return Optional.empty(); // somebody wrote over it: the Secrets that the spec names are the other source
        }
    }

    private static Optional<String> text(Optional<JsonNode> redis, String path) {
        return redis.map(node -> node.at(path)).filter(JsonNode::isTextual).map(JsonNode::asText);
    }

    /** The section {@code redis} of the servers' file; empty when there is nothing to say. */
    Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        host.ifPresent(text -> settings.put("host", text));
        url.ifPresent(text -> settings.put("url", text));
        password.ifPresent(text -> settings.put("password", text));
        sentinelPassword.ifPresent(text -> settings.put("sentinel", Map.of("password", text)));
        return settings;
    }

    /** Says nothing, so that it may stand in a log line. */
    @Override
    public String toString() {
        return "RedisLink[…]";
    }
}
