package dev.reverb.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.model.App;
import dev.reverb.model.setting.SettingsException;
import dev.reverb.server.config.ScalingConfig.RedisConfig;
import dev.reverb.server.config.ScalingConfig.Topology;
import dev.reverb.server.config.ScalingConfig.WhenDown;
import dev.reverb.server.config.ServerConfig.ApiConfig;
import dev.reverb.server.config.ServerConfig.DrainConfig;
import dev.reverb.server.config.ServerConfig.LimitsConfig;
import dev.reverb.server.config.ServerConfig.LogFormat;
import dev.reverb.server.config.ServerConfig.ManagementConfig;
import dev.reverb.server.config.ServerConfig.PublicAddress;
import dev.reverb.server.config.ServerConfig.RebalanceConfig;
import dev.reverb.server.config.ServerConfig.Transport;
import dev.reverb.server.config.ServerConfig.WebhookConfig;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import java.io.IOException;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a server gets for what it was given: every default, and every key from the environment and the file; its
 * applications are in {@link AppSettingsTest}. */
final class SettingsTest {
    /** An environment with one application. */
    static final Map<String, String> ONE_APP = Map.of("REVERB_APP_ID", "1", "REVERB_APP_KEY", "k", "REVERB_APP_SECRET",
            "s", "HOME", "/nonexistent");

    private static int eighthOfTheHeap() {
        return (int) Math.min(1 << 30, Runtime.getRuntime().maxMemory() / 8);
    }

    @TempDir
    Path folder;

    @Test
    void everyDefaultOfTheServer() {
        ServerConfig config = read(ONE_APP).server();

        assertEquals(
                new ServerConfig("0.0.0.0", 8080, "", new PublicAddress(Optional.empty(), 443, "https"),
                        OptionalInt.empty(), Duration.ofSeconds(600), Optional.empty(), List.of(),
                        Duration.ofSeconds(5),
                        new DrainConfig(Optional.empty(), 100, Duration.ofSeconds(5), Duration.ofSeconds(5)),
                        new RebalanceConfig(false, 25, 10),
                        new WebhookConfig(false, Duration.ofSeconds(10), Duration.ofMinutes(10), 50, 8 << 20),
                        new ManagementConfig("127.0.0.1", 8081), Optional.empty(),
                        new LimitsConfig(16_384, Duration.ofSeconds(10), Duration.ofSeconds(75), 1_048_576,
                                Duration.ofSeconds(20), 0, 0, 0, 5_000, 100, 10, 200, 262_144, Duration.ofSeconds(30),
                                Duration.ofSeconds(120), eighthOfTheHeap(), 64 << 20, 32 << 20),
                        new ScalingConfig(false, "reverb",
                                new RedisConfig(List.of("127.0.0.1:6379"), Topology.SINGLE, Optional.empty(),
                                        Optional.empty(), Optional.empty(), Optional.empty(), 0, false,
                                        Optional.empty(), true, Duration.ofSeconds(60)),
                                Duration.ofSeconds(6), Duration.ofSeconds(60), WhenDown.HOLD, true),
                        Transport.AUTO, 0, LogFormat.TEXT, false),
                config);
    }

    @Test
    void everyVariableOfTheServer() throws IOException {
        Path pem = Files.writeString(folder.resolve("a.pem"), "x");
        Map<String, String> env = new HashMap<>(ONE_APP);
        env.putAll(Map.ofEntries(Map.entry("REVERB_SERVER_HOST", "::1"), Map.entry("REVERB_SERVER_PORT", "9000"),
                Map.entry("REVERB_SERVER_PATH", "ws/"), Map.entry("REVERB_API_PORT", "9100"),
                Map.entry("REVERB_API_HOST", "10.1.2.3"), Map.entry("REVERB_HOST", "ws.example.com"),
                Map.entry("REVERB_PORT", "8443"), Map.entry("REVERB_SCHEME", "http"),
                Map.entry("REVERB_MAX_REQUEST_SIZE", "20000"), Map.entry("REVERB_SIGNATURE_TOLERANCE", "5m"),
                Map.entry("REVERB_WEBHOOKS_ALLOW_PRIVATE", "true"), Map.entry("REVERB_WEBHOOKS_TIMEOUT", "3s"),
                Map.entry("REVERB_WEBHOOKS_RETRY_FOR", "5m"), Map.entry("REVERB_WEBHOOKS_BATCH_SIZE", "10"),
                Map.entry("REVERB_WEBHOOKS_QUEUE_SIZE", "1MiB"), Map.entry("REVERB_TLS_CERT", pem.toString()),
                Map.entry("REVERB_TLS_KEY", pem.toString()), Map.entry("REVERB_TLS_PASSPHRASE", "p"),
                Map.entry("REVERB_TLS_CAFILE", pem.toString()), Map.entry("REVERB_TLS_VERIFY_PEER", "true"),
                Map.entry("REVERB_TRUSTED_PROXIES", "10.0.0.0/8, ::1, *"), Map.entry("REVERB_DRAIN_DURATION", "90"),
                Map.entry("REVERB_DRAIN_CLOSES_PER_SECOND", "250"), Map.entry("REVERB_DRAIN_NOTICE", "2"),
                Map.entry("REVERB_REBALANCE_ENABLED", "true"), Map.entry("REVERB_REBALANCE_TOLERANCE_PERCENT", "40"),
                Map.entry("REVERB_REBALANCE_CLOSES_PER_SECOND", "7"), Map.entry("REVERB_MANAGEMENT_HOST", "0.0.0.0"),
                Map.entry("REVERB_MANAGEMENT_PORT", "0"), Map.entry("REVERB_MAX_HEADER_SIZE", "8KiB"),
                Map.entry("REVERB_REQUEST_TIMEOUT", "3s"), Map.entry("REVERB_KEEP_ALIVE_TIMEOUT", "1m"),
                Map.entry("REVERB_OUTBOUND_BUFFER", "2MB"), Map.entry("REVERB_OUTBOUND_AGE", "1500ms"),
                Map.entry("REVERB_MAX_CONNECTIONS", "7"), Map.entry("REVERB_MAX_SUBSCRIPTIONS", "8"),
                Map.entry("REVERB_MAX_CHANNELS_PER_EVENT", "9"), Map.entry("REVERB_MAX_BATCH_SIZE", "11"),
                Map.entry("REVERB_MAX_EVENT_NAME_LENGTH", "12"), Map.entry("REVERB_CLIENT_EVENT_RATE", "13KB"),
                Map.entry("REVERB_RESPONSE_TIMEOUT", "4s"), Map.entry("REVERB_IDEMPOTENCY_WINDOW", "6s"),
                Map.entry("REVERB_DRAIN_PRESENCE_LINGER", "8s"), Map.entry("REVERB_REQUEST_MEMORY", "5MB"),
                Map.entry("REVERB_HISTORY_MEMORY", "17MB"), Map.entry("REVERB_HISTORY_MEMORY_PER_APP", "9MB"),
                Map.entry("REVERB_SCALING_ENABLED", "on"), Map.entry("REVERB_SCALING_CHANNEL", "chat"),
                Map.entry("REVERB_SCALING_LEASE", "9"), Map.entry("REVERB_SCALING_RETENTION", "2m"),
                Map.entry("REVERB_SCALING_WHEN_DOWN", "refuse"), Map.entry("REVERB_SCALING_READY_WHEN_DOWN", "false"),
                Map.entry("REDIS_HOST", "redis.internal"), Map.entry("REDIS_PORT", "6380"),
                Map.entry("REDIS_USERNAME", "u"), Map.entry("REDIS_PASSWORD", "pw"), Map.entry("REDIS_DB", "3"),
                Map.entry("REDIS_TIMEOUT", "5"), Map.entry("REDIS_TLS", "true"),
                Map.entry("REDIS_CAFILE", pem.toString()), Map.entry("REDIS_VERIFY_PEER", "false"),
                Map.entry("REVERB_TRANSPORT", "io_uring"), Map.entry("REVERB_EVENT_LOOPS", "2"),
                Map.entry("REVERB_MAX_CONNECTIONS_PER_ADDRESS", "70"),
                Map.entry("REVERB_HANDSHAKES_PER_SECOND_PER_ADDRESS", "3"), Map.entry("REVERB_APP_REMOVAL_GRACE", "7"),
                Map.entry("REVERB_LOG_FORMAT", "json"), Map.entry("REVERB_DEBUG", "1"),
                Map.entry("REVERB_TERMINATION_MESSAGE_PATH", "/dev/termination-log")));

        Settings settings = read(env);

        assertEquals(
                new ServerConfig("::1", 9000, "/ws", new PublicAddress(Optional.of("ws.example.com"), 8443, "http"),
                        OptionalInt.of(20_000), Duration.ofMinutes(5),
                        Optional.of(new TlsConfig(pem, Optional.of(pem), Optional.of("p"), Optional.of(pem), true)),
                        List.of("10.0.0.0/8", "::1", "0.0.0.0/0", "::/0"), Duration.ofSeconds(7),
                        new DrainConfig(Optional.of(Duration.ofSeconds(90)), 250, Duration.ofSeconds(8),
                                Duration.ofSeconds(2)),
                        new RebalanceConfig(true, 40, 7),
                        new WebhookConfig(true, Duration.ofSeconds(3), Duration.ofMinutes(5), 10, 1 << 20),
                        new ManagementConfig("0.0.0.0", 0), Optional.of(new ApiConfig("10.1.2.3", 9100)),
                        new LimitsConfig(8_192, Duration.ofSeconds(3), Duration.ofMinutes(1), 2_000_000,
                                Duration.ofMillis(1500), 7, 70, 3, 8, 9, 11, 12, 13_000, Duration.ofSeconds(4),
                                Duration.ofSeconds(6), 5_000_000, 17_000_000, 9_000_000),
                        new ScalingConfig(true, "chat",
                                new RedisConfig(List.of("redis.internal:6380"), Topology.SINGLE, Optional.empty(),
                                        Optional.empty(), Optional.of("u"), Optional.of("pw"), 3, true,
                                        Optional.of(pem), false, Duration.ofSeconds(5)),
                                Duration.ofSeconds(9), Duration.ofMinutes(2), WhenDown.REFUSE, false),
                        Transport.IO_URING, 2, LogFormat.JSON, true),
                settings.server());
        assertEquals(Optional.of(Path.of("/dev/termination-log")), settings.terminationMessagePath());
        assertEquals(List.of(), settings.warnings());
    }

    @Test
    void theFileHasEveryKeyThatTheEnvironmentHas() throws IOException {
        Path file = write("""
            server: {host: "::1", port: 9000, api_port: 9100, api_host: 10.1.2.3, path: /ws,
                     max_request_size: 20000, signature_tolerance: 5m,
                     trusted_proxies: [10.0.0.0/8, "::1", "*"], transport: io_uring, event_loops: 2, debug: true,
                     app_removal_grace: 7,
                     termination_message_path: /dev/termination-log}
            public: {host: ws.example.com, port: 8443, scheme: http}
            tls: {local_cert: ?, local_pk: ?, passphrase: p, cafile: ?, verify_peer: true}
            drain: {duration: 90, closes_per_second: 250, notice: 2}
            rebalance: {enabled: true, tolerance_percent: 40, closes_per_second: 7}
            webhooks: {allow_private: true, timeout: 3s, retry_for: 5m, batch_size: 10, queue_size: 1MiB}
            management: {host: 0.0.0.0, port: 0}
            limits: {max_header_size: 8KiB, request_timeout: 3s, keep_alive_timeout: 1m, outbound_buffer: 2MB,
                     outbound_age: 1500ms, max_connections: 7, max_subscriptions: 8, max_channels_per_event: 9,
                     max_batch_size: 11, max_event_name_length: 12, max_connections_per_address: 70,
                     handshakes_per_second_per_address: 3, response_timeout: 4s, request_memory: 5MB,
                     client_event_rate: 13KB}
            scaling: {enabled: true, channel: chat, lease: 9, retention: 2m, when_down: refuse, ready_when_down: false}
            redis: {url: "rediss://u:p%40w@redis.internal:6380/3", host: h, port: 1, username: x, password: y,
                    db: 0, timeout: 5, sentinel: {nodes: [], master: m, password: q}, cluster: {nodes: []},
                    tls: {enabled: false, cafile: ?, verify_peer: false}}
            log: {format: json}
            apps: []
            """.replace("?", Files.writeString(folder.resolve("a.pem"), "x").toString()));

        Settings settings = Settings.read(Map.of(), Optional.of(file), Overrides.none());

        ServerConfig config = settings.server();
        assertEquals("::1", config.host());
        assertEquals(9000, config.port());
        assertEquals("/ws", config.path());
        assertEquals(new PublicAddress(Optional.of("ws.example.com"), 8443, "http"), config.publicAddress());
        assertEquals(OptionalInt.of(20_000), config.maxRequestSize());
        assertEquals(Duration.ofMinutes(5), config.signatureTolerance());
        assertEquals(List.of("10.0.0.0/8", "::1", "0.0.0.0/0", "::/0"), config.trustedProxies());
        assertEquals(Duration.ofSeconds(7), config.appRemovalGrace());
        assertEquals(
                new DrainConfig(Optional.of(Duration.ofSeconds(90)), 250, Duration.ofSeconds(5), Duration.ofSeconds(2)),
                config.drain());
        assertEquals(new RebalanceConfig(true, 40, 7), config.rebalance());
        assertEquals(new WebhookConfig(true, Duration.ofSeconds(3), Duration.ofMinutes(5), 10, 1 << 20),
                config.webhooks());
        assertEquals(new ManagementConfig("0.0.0.0", 0), config.management());
        assertEquals(new LimitsConfig(8_192, Duration.ofSeconds(3), Duration.ofMinutes(1), 2_000_000,
                Duration.ofMillis(1500), 7, 70, 3, 8, 9, 11, 12, 13_000, Duration.ofSeconds(4), Duration.ofSeconds(120),
                5_000_000, 256 << 20, 128 << 20), config.limits());
        assertEquals(List.of("redis.internal:6380"), config.scaling().redis().nodes());
        assertEquals(Optional.of("u"), config.scaling().redis().username());
        assertEquals(Optional.of("p@w"), config.scaling().redis().password());
        assertEquals(3, config.scaling().redis().database());
        assertTrue(config.scaling().redis().tls());
        assertEquals(WhenDown.REFUSE, config.scaling().whenDown());
        assertFalse(config.scaling().readyWhenDown());
        assertEquals(Transport.IO_URING, config.transport());
        assertEquals(LogFormat.JSON, config.logFormat());
        assertTrue(config.debug());
        assertTrue(config.tls().orElseThrow().verifyPeer());
        assertFalse(settings.development(), "an empty list of applications is a choice");
        assertTrue(settings.apps().all().isEmpty());
    }

    @Test
    void aTimeoutThatIsLongerThanALeaseAllowsIsSaid() {
        assertEquals(List
                .of("REDIS_TIMEOUT: 4000 ms are used, which is two thirds of scaling.lease; allowed is at most that"),
                read(Map.of("REVERB_SCALING_ENABLED", "true", "REDIS_TIMEOUT", "60")).warnings());
        assertEquals(List.of(), read(Map.of("REVERB_SCALING_ENABLED", "true")).warnings());
    }

    @Test
    void flagsWinOverTheEnvironmentWhichWinsOverTheFile() throws IOException {
        Path file = write("server: {host: 1.1.1.1, port: 1001, path: /file}\napps: []\n");
        Map<String, String> env = Map.of("REVERB_SERVER_HOST", "2.2.2.2", "REVERB_SERVER_PORT", "1002", "REVERB_CONFIG",
                file.toString());

        ServerConfig config = Settings
                .read(env, Optional.empty(), Overrides.none().with(ServerSettings.HOST_BOUND, Optional.of("3.3.3.3")))
                .server();

        assertEquals("3.3.3.3", config.host());
        assertEquals(1002, config.port());
        assertEquals("/file", config.path());
    }

    @Test
    void anApplicationOfTheEnvironmentIsOneMoreBesideThoseOfTheFile() throws IOException {
        Path file = write("apps: [{app_id: a, key: ka, secret: sa}, {app_id: b, key: kb, secret: sb}]");

        Settings settings = Settings.read(ONE_APP, Optional.of(file), Overrides.none());

        assertEquals(List.of("1", "a", "b"), settings.apps().all().stream().map(App::id).toList());
    }

    @Test
    void numbersAsHelmWritesThemAreNumbers() throws IOException {
        Path file = write("""
            apps: [{app_id: a, key: 1e5, secret: 1e5, max_connections: 1e+06, max_message_size: 1.25e+05}]
            """);

        App app = Settings.read(Map.of(), Optional.of(file), Overrides.none()).apps().byKey("1e5");

        assertEquals(OptionalInt.of(1_000_000), app == null ? OptionalInt.empty() : app.maxConnections());
        assertEquals(125_000, app == null ? 0 : app.maxMessageSize());
    }

    @Test
    void aRequestLimitThatIsLargerThanAMessageLetsEventsBeAsLarge() {
        Map<String, String> env = new HashMap<>(ONE_APP);
        env.put("REVERB_MAX_REQUEST_SIZE", "3MB");
        Settings settings = read(env);

        assertEquals(3_000_000, settings.apps().all().iterator().next().maxEventSize());
        assertEquals(6_000_000, settings.server().limits().outboundBuffer());
    }

    @Test
    void nothingConfiguredMakesADevelopmentApplicationWithNewCredentialsEveryTime() {
        Settings one = read(Map.of("REVERB_APP_PING_INTERVAL", "5"));
        Settings other = read(Map.of());

        assertTrue(one.development());
        App app = one.apps().all().iterator().next();
        assertTrue(app.key().matches("[a-z0-9]{20}"));
        assertTrue(app.secret().matches("[a-z0-9]{20}"));
        assertEquals(Duration.ofSeconds(5), app.pingInterval());
        assertFalse(app.secret().equals(other.apps().all().iterator().next().secret()));
        assertFalse(read(ONE_APP).development());
    }

    @Test
    void sentinelsAndClustersHaveTheirOwnPorts() {
        Map<String, String> env = new HashMap<>(ONE_APP);
        env.put("REDIS_SENTINEL_NODES", "a, b:1, [::1]");
        env.put("REDIS_SENTINEL_PASSWORD", "sp");
        RedisConfig sentinel = read(env).server().scaling().redis();
        assertEquals(Topology.SENTINEL, sentinel.topology());
        assertEquals(List.of("a:26379", "b:1", "[::1]:26379"), sentinel.nodes());
        assertEquals(Optional.of("mymaster"), sentinel.sentinelMaster());
        assertEquals(Optional.of("sp"), sentinel.sentinelPassword());

        env = new HashMap<>(ONE_APP);
        env.put("REDIS_CLUSTER_NODES", "a,b:7000");
        RedisConfig cluster = read(env).server().scaling().redis();
        assertEquals(Topology.CLUSTER, cluster.topology());
        assertEquals(List.of("a:6379", "b:7000"), cluster.nodes());
    }

    @Test
    void aWordNullOfAnEnvFileIsUnset() {
        Map<String, String> env = new HashMap<>(ONE_APP);
        env.putAll(Map.of("REDIS_PASSWORD", "null", "REVERB_APP_MAX_CONNECTIONS", "(null)", "REVERB_HOST", ""));

        Settings settings = read(env);

        assertEquals(Optional.empty(), settings.server().scaling().redis().password());
        assertEquals(OptionalInt.empty(), settings.apps().all().iterator().next().maxConnections());
    }

    @Test
    void whatKubernetesInjectsForAServiceIsIgnoredWithOneWarning() {
        Map<String, String> env = new HashMap<>(ONE_APP);
        env.putAll(Map.of("REVERB_PORT", "tcp://10.0.0.1:8080", "REVERB_SERVICE_HOST", "10.0.0.1",
                "REVERB_PORT_8080_TCP_ADDR", "10.0.0.1", "REDIS_PORT", "tcp://10.0.0.2:6379", "REVERB_SERVER_PROT",
                "1"));

        Settings settings = read(env);

        assertEquals(443, settings.server().publicAddress().port());
        assertEquals(List.of("environment variables without a meaning here are ignored: REDIS_PORT (the address of a"
                + " Kubernetes Service), REVERB_PORT (the address of a Kubernetes Service),"
                + " REVERB_PORT_8080_TCP_ADDR, REVERB_SERVER_PROT (did you mean REVERB_SERVER_PORT?),"
                + " REVERB_SERVICE_HOST"), settings.warnings());
    }

    @Test
    void aCertificateOfHerdValetOrMkcertServesThePublicHost() throws IOException {
        Path certificates = Files.createDirectories(folder.resolve(".config/herd/config/valet/Certificates"));
        Files.writeString(certificates.resolve("chat.test.crt"), "c");
        Files.writeString(certificates.resolve("chat.test.key"), "k");
        Path caRoot = Files.createDirectories(folder.resolve("ca"));
        Files.writeString(caRoot.resolve("shop.test.pem"), "c");
        Files.writeString(caRoot.resolve("shop.test-key.pem"), "k");
        Map<String, String> env = new HashMap<>(ONE_APP);
        env.putAll(Map.of("HOME", folder.toString(), "CAROOT", caRoot.toString()));

        assertEquals(certificates.resolve("chat.test.crt"),
                Settings.read(env, Optional.empty(),
                        Overrides.none().with(ServerSettings.PUBLIC_HOST, Optional.of("chat.test")))
                        .server()
                        .tls()
                        .orElseThrow()
                        .localCert());
        env.put("REVERB_HOST", "shop.test");
        assertEquals(Optional.of(caRoot.resolve("shop.test-key.pem")),
                read(env).server().tls().orElseThrow().localPk());
        env.put("REVERB_HOST", "other.test");
        assertEquals(Optional.empty(), read(env).server().tls());
    }

    /** What {@code env} alone gives. */
    static Settings read(Map<String, String> env) {
        return Settings.read(env, Optional.empty(), Overrides.none());
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("reverb.yaml"), yaml);
    }

    @ParameterizedTest
    @CsvSource({"redis://my_redis, my_redis:6379", "redis://u:p@my_redis:6380/2, my_redis:6380",
            "'redis://10.0.0.1:7000\n', 10.0.0.1:7000", "redis://[::1]:7000, [::1]:7000"})
    void redisHasAHostOfAnyForm(String url, String node) {
        Map<String, String> env = Map.of("REVERB_SCALING_ENABLED", "true", "REDIS_URL", url);
        assertEquals(List.of(node),
                Settings.read(env, Optional.empty(), Overrides.none()).server().scaling().redis().nodes());
    }

    @Test
    void credentialsOfRedisMayStandBehindTheQuestionMarkAsInLaravel() {
        Map<String, String> env = Map.of("REVERB_SCALING_ENABLED", "true", "REDIS_URL",
                "redis://h:6379?username=me&password=hunter%232&database=4");
        var redis = Settings.read(env, Optional.empty(), Overrides.none()).server().scaling().redis();
        assertEquals(Optional.of("me"), redis.username());
        assertEquals(Optional.of("hunter#2"), redis.password());
        assertEquals(4, redis.database());
    }

    @ParameterizedTest
    @CsvSource({"REDIS_SENTINEL_NODES, h:99999", "REDIS_CLUSTER_NODES, h:0", "REDIS_URL, redis://h:70000"})
    void aPortIsAPort(String variable, String value) {
        Map<String, String> env = Map.of("REVERB_SCALING_ENABLED", "true", variable, value);
        assertThrows(SettingsException.class, () -> Settings.read(env, Optional.empty(), Overrides.none()));
    }
}
