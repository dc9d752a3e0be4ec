package dev.reverb.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.model.AcceptClientEvents;
import dev.reverb.model.App;
import dev.reverb.model.ChannelNames;
import dev.reverb.model.History;
import dev.reverb.model.HistoryRule;
import dev.reverb.model.RateLimiting;
import dev.reverb.model.WebhookEndpoint;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an application gets for what it was given: every default, and every key from the environment and the file. */
final class AppSettingsTest {

    @TempDir
    Path folder;

    @Test
    void everyDefaultOfAnApplication() {
        App app = SettingsTest.read(SettingsTest.ONE_APP).apps().all().iterator().next();

        assertEquals(new App("1", "k", List.of("s"), true, List.of("*"), Duration.ofSeconds(60), Duration.ofSeconds(30),
                OptionalInt.empty(), 10_000, 10_000, AcceptClientEvents.MEMBERS,
                new RateLimiting(false, 60, Duration.ofSeconds(60), false), ChannelNames.PUSHER, Duration.ofMinutes(30),
                OptionalInt.empty(), 10_000, 1_000, true, true, false, false, History.NONE, List.of()), app);
    }

    @Test
    void everyKeyOfAnApplicationInTheFile() throws IOException {
        Path file = Files.writeString(folder.resolve("reverb.yaml"), """
            apps:
              - app_id: 007
                key: 1e5
                secret: new
                previous_secrets: [old, older]
                enabled: false
                allowed_origins: ["*.example.com", localhost]
                ping_interval: 20
                activity_timeout: 10s
                max_connections: 100
                max_message_size: 20kB
                max_event_size: 30000
                accept_client_events_from: none
                rate_limiting: {enabled: true, max_attempts: 5, decay_seconds: 2, terminate_on_limit: true}
                channel_names: any
                cache_ttl: 1h
                max_presence_members: 50
                max_presence_member_size: 1024
                max_presence_user_id_length: 64
                user_authentication: false
                watchlist_events: false
                subscription_count_events: true
                allow_restart: true
                history:
                  - {channels: "orders.*", count: 20, age: 1m, bytes: 64KiB}
                  - news
                webhooks:
                  - url: https://example.com/hook
                    events: [channel_occupied, channel_vacated]
                    channel_prefix: private-
                    headers: {X-Token: abc}
                  - http://localhost/all
            """);

        App app = Settings.read(Map.of(), Optional.of(file), Overrides.none()).apps().byId("007");

        assertEquals(
                new App("007", "1e5", List.of("new", "old", "older"), false, List.of("*.example.com", "localhost"),
                        Duration.ofSeconds(20), Duration.ofSeconds(10), OptionalInt.of(100), 20_000, 30_000,
                        AcceptClientEvents.NONE, new RateLimiting(true, 5, Duration.ofSeconds(2), true),
                        ChannelNames.ANY, Duration.ofHours(1), OptionalInt.of(50), 1_024, 64, false, false, true, true,
                        new History(List.of(new HistoryRule("orders.*", 20, Duration.ofMinutes(1), 65_536),
                                new HistoryRule("news", 100, Duration.ofMinutes(5), 1 << 20))),
                        List.of(new WebhookEndpoint(URI.create("https://example.com/hook"),
                                List.of("channel_occupied", "channel_vacated"), "private-", Map.of("X-Token", "abc")),
                                new WebhookEndpoint(URI.create("http://localhost/all"), List.of(), "", Map.of()))),
                app);
    }

    @Test
    void everyVariableOfTheApplication() {
        Map<String, String> env = new HashMap<>(SettingsTest.ONE_APP);
        env.putAll(Map.ofEntries(Map.entry("REVERB_APP_PREVIOUS_SECRETS", "old, older"),
                Map.entry("REVERB_APP_ENABLED", "false"),
                Map.entry("REVERB_APP_ALLOWED_ORIGINS", "*.example.com,localhost"),
                Map.entry("REVERB_APP_PING_INTERVAL", "20"), Map.entry("REVERB_APP_ACTIVITY_TIMEOUT", "10"),
                Map.entry("REVERB_APP_MAX_CONNECTIONS", "100"), Map.entry("REVERB_APP_MAX_MESSAGE_SIZE", "20000"),
                Map.entry("REVERB_APP_MAX_EVENT_SIZE", "30000"),
                Map.entry("REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM", "all"),
                Map.entry("REVERB_APP_RATE_LIMITING_ENABLED", "true"),
                Map.entry("REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS", "5"),
                Map.entry("REVERB_APP_RATE_LIMIT_DECAY_SECONDS", "2"),
                Map.entry("REVERB_APP_RATE_LIMIT_TERMINATE", "true"), Map.entry("REVERB_APP_CHANNEL_NAMES", "any"),
                Map.entry("REVERB_APP_CACHE_TTL", "3600"), Map.entry("REVERB_APP_MAX_PRESENCE_MEMBERS", "50"),
                Map.entry("REVERB_APP_MAX_PRESENCE_MEMBER_SIZE", "1024"),
                Map.entry("REVERB_APP_MAX_PRESENCE_USER_ID_LENGTH", "64"),
                Map.entry("REVERB_APP_USER_AUTHENTICATION", "false"), Map.entry("REVERB_APP_WATCHLIST_EVENTS", "false"),
                Map.entry("REVERB_APP_SUBSCRIPTION_COUNT_EVENTS", "true"),
                Map.entry("REVERB_APP_ALLOW_RESTART", "true")));

        Settings settings = SettingsTest.read(env);

        assertEquals(new App("1", "k", List.of("s", "old", "older"), false, List.of("*.example.com", "localhost"),
                Duration.ofSeconds(20), Duration.ofSeconds(10), OptionalInt.of(100), 20_000, 30_000,
                AcceptClientEvents.ALL, new RateLimiting(true, 5, Duration.ofSeconds(2), true), ChannelNames.ANY,
                Duration.ofHours(1), OptionalInt.of(50), 1_024, 64, false, false, true, true, History.NONE, List.of()),
                settings.apps().byKey("k"));
        assertEquals(List.of(), settings.warnings());
    }
}
