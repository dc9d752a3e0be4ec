package dev.reverb.operator.desired.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.reverb.crd.AppSettings;
import dev.reverb.crd.HistorySpec;
import dev.reverb.crd.RateLimitingSpec;
import dev.reverb.crd.WebhookEvent;
import dev.reverb.crd.WebhookSpec;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.Durations;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The one aggregate Secret with all applications, mounted as a folder and watched by the servers: what changes in it is
 * live without a restart.
 */
public final class ConfigSecret {
    /** The key, and the file's name in the mounted folder. */
    public static final String FILE = "reverb.yaml";
    /** The key with the resource that each application comes from; servers do not read it. */
    public static final String OWNERS = "owners.json";
    /** The key with the managed Redis's generated password, from which its own Secret is restored when it is lost. */
    public static final String REDIS_PASSWORD = "redis-password";
    /** The key with the password by which the managed Redis's own probe sets the passwords that it accepts. */
    public static final String REDIS_CONTROL = "redis-control";
    /** The key with the certificates that Redis is verified against, and the file's name in the mounted folder. */
    public static final String REDIS_CA = "redis-ca.crt";
    private static final YAMLMapper YAML = new YAMLMapper(YAMLFactory.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .build());

    private ConfigSecret() {}

    /**
     * The Secret with the applications of {@code table} and what servers reach Redis with.
     *
     * @param generated passwords of the managed Redis by key, kept for the case that its own Secret is lost
     */
    public static Secret of(ClusterPlan plan, AppTable table, RedisLink redis, Map<String, String> generated) {
        SecretBuilder secret = new SecretBuilder().withMetadata(plan.owned(plan.names().config(), Labels.SERVER))
                .withType("Opaque")
                .addToData(FILE, Credentials.encode(table.file(redis)))
                .addToData(OWNERS, Credentials.encode(table.ownersText()));
        redis.ca().ifPresent(ca -> secret.addToData(REDIS_CA, Credentials.encode(ca + "\n")));
        generated.forEach((key, password) -> secret.addToData(key, Credentials.encode(password)));
        return secret.build();
    }

    /** The file with {@code apps}, sorted by id so that equal applications make an equal file. */
    public static String file(List<ServedApp> apps) {
        List<Map<String, Object>> entries = apps.stream()
                .sorted(Comparator.comparing(ServedApp::id))
                .map(ConfigSecret::entry)
                .toList();
        return write(Map.of("apps", entries));
    }

    /** {@code document} as YAML. */
    public static String write(Map<String, Object> document) {
        try {
            return YAML.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> entry(ServedApp app) {
        AppSettings settings = app.settings();
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("app_id", app.id());
        entry.put("key", app.credentials().key());
        entry.put("secret", app.credentials().secret());
        if (!app.credentials().previousSecrets().isEmpty()) {
            entry.put("previous_secrets", app.credentials().previousSecrets());
        }
        put(entry, "enabled", settings.enabled());
        put(entry, "allowed_origins", settings.allowedOrigins());
        put(entry, "ping_interval", seconds(settings.pingInterval()));
        put(entry, "activity_timeout", seconds(settings.activityTimeout()));
        put(entry, "max_connections", settings.maxConnections());
        put(entry, "max_message_size", settings.maxMessageSize());
        put(entry, "max_event_size", settings.maxEventSize());
        put(entry, "accept_client_events_from",
                settings.acceptClientEventsFrom() == null ? null : settings.acceptClientEventsFrom().value());
        put(entry, "rate_limiting", rateLimiting(settings.rateLimiting()));
        put(entry, "channel_names", settings.channelNames() == null ? null : settings.channelNames().value());
        put(entry, "cache_ttl", seconds(settings.cacheTtl()));
        put(entry, "max_presence_members", settings.maxPresenceMembers());
        put(entry, "max_presence_member_size", settings.maxPresenceMemberSize());
        put(entry, "max_presence_user_id_length", settings.maxPresenceUserIdLength());
        put(entry, "user_authentication", settings.userAuthentication());
        put(entry, "watchlist_events", settings.watchlistEvents());
        put(entry, "subscription_count_events", settings.subscriptionCountEvents());
        List<HistorySpec> history = settings.history();
        put(entry, "history", history == null ? null : history.stream().map(ConfigSecret::history).toList());
        List<WebhookSpec> webhooks = settings.webhooks();
        put(entry, "webhooks", webhooks == null ? null
                : IntStream.range(0, webhooks.size()).mapToObj(i -> webhook(webhooks.get(i), app.headers(i))).toList());
        return entry;
    }

    private static @Nullable Map<String, Object> rateLimiting(@Nullable RateLimitingSpec limits) {
        if (limits == null) {
            return null;
        }
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("enabled", limits.enabled() == null || limits.enabled());
        put(entry, "max_attempts", limits.maxAttempts());
        put(entry, "decay_seconds", limits.decaySeconds());
        put(entry, "terminate_on_limit", limits.terminateOnLimit());
        return entry;
    }

    private static Map<String, Object> history(HistorySpec rule) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("channels", rule.channels());
        put(entry, "count", rule.count());
        put(entry, "age", seconds(rule.age()));
        put(entry, "bytes", rule.bytes());
        return entry;
    }

    private static Map<String, Object> webhook(WebhookSpec webhook, Map<String, String> secret) {
        SortedMap<String, String> headers = new TreeMap<>(secret);
        if (webhook.headers() != null) {
            headers.putAll(webhook.headers());
        }
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("url", webhook.url());
        put(entry, "events",
                webhook.events() == null ? null : webhook.events().stream().map(WebhookEvent::value).toList());
        put(entry, "channel_prefix", webhook.channelPrefix());
        put(entry, "channels", webhook.channels());
        put(entry, "headers", headers.isEmpty() ? null : headers);
        return entry;
    }

    private static @Nullable Long seconds(@Nullable String duration) {
        return duration == null ? null : Durations.of(duration, Duration.ZERO).toSeconds();
    }

    private static void put(Map<String, Object> entry, String key, @Nullable Object value) {
        if (value != null) {
            entry.put(key, value);
        }
    }
}
