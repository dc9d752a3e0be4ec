package dev.reverb.server.config;

import dev.reverb.model.RedisUrl;
import dev.reverb.model.setting.Setting;
import dev.reverb.model.setting.SettingType;
import dev.reverb.server.config.ServerConfig.LogFormat;
import dev.reverb.server.config.ServerConfig.Transport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The catalogue of a server's settings. The names known from Laravel Reverb have its defaults. {@code docs/settings.md}
 * is generated from here, and a setting that is not here does not exist.
 */
public final class ServerSettings {
    /** As IPv6 writes it, so that an IPv4 address with a port is none. */
    private static final String V6 = "(?=[^:]*:[^:]*:)(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{0,4}|[0-9.]+)";
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+|" + V6 + "|\\[" + V6 + "]");
    private static final String A_HOST = "a host name or an address, without a port";
    private static final SettingType<String> HOST_TYPE = SettingType.text(HOST, A_HOST);
    /** 1 to 65535. */
    private static final String A_PORT = "6553[0-5]|655[0-2]\\d|65[0-4]\\d\\d|6[0-4]\\d{3}|"
            + "[1-5]\\d{4}|[1-9]\\d{0,3}";
    private static final SettingType<Integer> PORT_OR_ANY = SettingType.number(0, 65_535);
    private static final SettingType<Integer> PORT_TYPE = SettingType.number(1, 65_535);
    private static final SettingType<String> ANY_TEXT = SettingType.text(Pattern.compile(".+"), "text in one line");
    private static final SettingType<List<String>> NODES = SettingType.listOf(SettingType
            .text(Pattern.compile("(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(?::(?:" + A_PORT + "))?"), "host:port"),
            "a list of host:port");
    private static final Duration MILLISECOND = Duration.ofMillis(1);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);

    public static final Setting<Path> CONFIG = Setting
            .optional("", "REVERB_CONFIG", SettingType.path(),
                    "The configuration file; it is watched, and its applications change without a restart.")
            .withFlag("--config");

    public static final Setting<String> HOST_BOUND = Setting
            .of("server.host", "REVERB_SERVER_HOST", HOST_TYPE, "0.0.0.0", "The address to listen on.")
            .withFlag("--host");
    public static final Setting<Integer> PORT_BOUND = Setting
            .of("server.port", "REVERB_SERVER_PORT", PORT_OR_ANY, "8080",
                    "The port to listen on; 0 takes any free one.")
            .withFlag("--port");
    public static final Setting<Integer> API_PORT = Setting.optional("server.api_port", "REVERB_API_PORT", PORT_OR_ANY,
            "A port for the HTTP API, `/apps/…`, alone; `server.port` then serves clients only. Unset, one port"
                    + " serves both; 0 takes any free one.");
    public static final Setting<String> API_HOST = Setting.optional("server.api_host", "REVERB_API_HOST", HOST_TYPE,
            "The address that `server.api_port` listens on; unset, that of `server.host`.");
    public static final Setting<String> PATH = Setting
            .of("server.path", "REVERB_SERVER_PATH",
                    SettingType.parsed("a path such as /ws", ServerSettings::pathPrefix), "",
                    "A prefix of every route, not part of what is signed.")
            .withFlag("--path");
    public static final Setting<Integer> MAX_REQUEST_SIZE = Setting.optional("server.max_request_size",
            "REVERB_MAX_REQUEST_SIZE", SettingType.size(1, 1 << 28),
            "The largest body of one API request. Unset, it is what a full batch of the largest application can need.");
    public static final Setting<Duration> SIGNATURE_TOLERANCE = Setting.of("server.signature_tolerance",
            "REVERB_SIGNATURE_TOLERANCE", SettingType.seconds(1, 86_400), "600",
            "How far `auth_timestamp` of an API request may lie from this server's clock.");
    public static final Setting<List<String>> TRUSTED_PROXIES = Setting.of("server.trusted_proxies",
            "REVERB_TRUSTED_PROXIES",
            SettingType.listOf(SettingType.parsed("", AddressRange::check),
                    "a list of addresses and CIDR ranges, or * for every address"),
            "",
            "Proxies that `X-Forwarded-For` is believed from, for the limits of one client address and for the debug"
                    + " stream.");
    public static final Setting<Transport> TRANSPORT = Setting.of("server.transport", "REVERB_TRANSPORT",
            SettingType.oneOf(Transport.class), "auto",
            "How sockets are polled; `auto` is epoll where there is one, else NIO.");
    public static final Setting<Integer> EVENT_LOOPS = Setting.of("server.event_loops", "REVERB_EVENT_LOOPS",
            SettingType.number(0, 1_024), "0", "Threads that serve sockets; 0 is one per core.");
    public static final Setting<Boolean> DEBUG = Setting
            .of("server.debug", "REVERB_DEBUG", SettingType.bool(), "false",
                    "Stream every message to the log, secrets masked.")
            .withFlag("--debug");
    public static final Setting<Duration> APP_REMOVAL_GRACE = Setting.of("server.app_removal_grace",
            "REVERB_APP_REMOVAL_GRACE", SettingType.duration(Duration.ZERO, HOUR), "5s",
            "How long connections stay when their application is removed from the file, or gets another key; one that"
                    + " comes back within this time under its id and key keeps them.");
    public static final Setting<Path> TERMINATION_MESSAGE_PATH = Setting.optional("server.termination_message_path",
            "REVERB_TERMINATION_MESSAGE_PATH", SettingType.path(),
            "A file that takes one JSON line at exit after a drain: how many connections were drained and cut, in how"
                    + " many seconds.");
    public static final Setting<Path> LISTENERS = Setting
            .optional("server.listeners", "REVERB_LISTENERS", SettingType.path(),
                    "A folder with jars whose listeners receive the five events: docs/listeners.md.")
            .withFlag("--listeners");

    public static final Setting<String> PUBLIC_HOST = Setting.optional("public.host", "REVERB_HOST", HOST_TYPE,
            "The name that clients connect to; a certificate of Herd, Valet or mkcert for it is found and used.")
            .withFlag("--hostname");
    public static final Setting<Integer> PUBLIC_PORT = Setting.of("public.port", "REVERB_PORT", PORT_TYPE, "443",
            "The port that clients connect to.");
    public static final Setting<String> PUBLIC_SCHEME = Setting.of("public.scheme", "REVERB_SCHEME",
            SettingType.text(Pattern.compile("https?"), "http or https"), "https", "How clients connect.");

    public static final Setting<Path> TLS_CERT = Setting.optional("tls.local_cert", "REVERB_TLS_CERT",
            SettingType.path(),
            "The certificate chain as PEM; serves TLS without a proxy, and is reloaded when" + " renewed.");
    public static final Setting<Path> TLS_KEY = Setting.optional("tls.local_pk", "REVERB_TLS_KEY", SettingType.path(),
            "The private key as PEM; unset, it stands in the file of the certificate.");
    public static final Setting<String> TLS_PASSPHRASE = Setting
            .optional("tls.passphrase", "REVERB_TLS_PASSPHRASE", ANY_TEXT, "Decrypts the private key.")
            .asSecret();
    public static final Setting<Path> TLS_CAFILE = Setting.optional("tls.cafile", "REVERB_TLS_CAFILE",
            SettingType.path(), "Certificates as PEM that client certificates are verified against.");
    public static final Setting<Boolean> TLS_VERIFY_PEER = Setting.of("tls.verify_peer", "REVERB_TLS_VERIFY_PEER",
            SettingType.bool(), "false", "Whether every client must show a certificate.");

    public static final Setting<Duration> DRAIN_DURATION = Setting.optional("drain.duration", "REVERB_DRAIN_DURATION",
            SettingType.duration(Duration.ZERO, DAY), "Connections are closed over this time when the server stops."
                    + " Unset, it is 60 s when other nodes serve, and all at once for a server that is alone.");
    public static final Setting<Integer> DRAIN_PACE = Setting.of("drain.closes_per_second",
            "REVERB_DRAIN_CLOSES_PER_SECOND", SettingType.number(1, 1_000_000), "100",
            "The pace of a drain, exceeded only as far as its duration demands.");
    public static final Setting<Duration> DRAIN_PRESENCE_LINGER = Setting.of("drain.presence_linger",
            "REVERB_DRAIN_PRESENCE_LINGER", SettingType.duration(Duration.ZERO, Duration.ofMinutes(1)), "5s",
            "How long clients that a drain or a rebalance sends to other servers stay members of presence channels, so"
                    + " that nobody who comes straight back is seen to leave; 0 for not at all.");

    public static final Setting<Duration> DRAIN_NOTICE = Setting.of("drain.notice", "REVERB_DRAIN_NOTICE",
            SettingType.duration(Duration.ZERO, Duration.ofMinutes(1)), "5s",
            "How long before a drain or a rebalance closes it a client that resumes is notified, so that it changes"
                    + " over to another server first; at most half of the drain's duration. 0s for not at all.");

    public static final Setting<Boolean> REBALANCE_ENABLED = Setting.of("rebalance.enabled", "REVERB_REBALANCE_ENABLED",
            SettingType.bool(), "false",
            "Whether this server, once another one has joined it, closes what it has above the mean, so "
                    + "that clients come" + " back elsewhere. Of use with scaling only.");
    public static final Setting<Integer> REBALANCE_TOLERANCE = Setting.of("rebalance.tolerance_percent",
            "REVERB_REBALANCE_TOLERANCE_PERCENT", SettingType.number(1, 1_000), "25",
            "By how many percent it may exceed the mean of all servers before it does.");
    public static final Setting<Integer> REBALANCE_PACE = Setting.of("rebalance.closes_per_second",
            "REVERB_REBALANCE_CLOSES_PER_SECOND", SettingType.number(1, 100_000), "10",
            "The pace of that, never exceeded.");

    public static final Setting<Boolean> WEBHOOKS_ALLOW_PRIVATE = Setting.of("webhooks.allow_private",
            "REVERB_WEBHOOKS_ALLOW_PRIVATE", SettingType.bool(), "false",
            "Whether webhooks may go to addresses of private networks and of this machine.");
    public static final Setting<Duration> WEBHOOKS_TIMEOUT = Setting.of("webhooks.timeout", "REVERB_WEBHOOKS_TIMEOUT",
            SettingType.duration(Duration.ofMillis(100), Duration.ofMinutes(2)), "10s",
            "How long one request of a webhook may take, from the look-up of its address to its answer.");
    public static final Setting<Duration> WEBHOOKS_RETRY_FOR = Setting.of("webhooks.retry_for",
            "REVERB_WEBHOOKS_RETRY_FOR", SettingType.duration(Duration.ZERO, DAY), "10m",
            "How long an event is tried again, ever more seldom, before it is dropped.");
    public static final Setting<Integer> WEBHOOKS_BATCH_SIZE = Setting.of("webhooks.batch_size",
            "REVERB_WEBHOOKS_BATCH_SIZE", SettingType.number(1, 1_000), "50", "Events of one request at most.");
    public static final Setting<Integer> WEBHOOKS_QUEUE_SIZE = Setting.of("webhooks.queue_size",
            "REVERB_WEBHOOKS_QUEUE_SIZE", SettingType.size(64 << 10, 1 << 30), "8MiB",
            "What may wait in memory for one address; beyond it events for that address are dropped.");

    public static final Setting<String> MANAGEMENT_HOST = Setting.of("management.host", "REVERB_MANAGEMENT_HOST",
            HOST_TYPE, "127.0.0.1", "The address of health and metrics.");
    public static final Setting<Integer> MANAGEMENT_PORT = Setting.of("management.port", "REVERB_MANAGEMENT_PORT",
            PORT_OR_ANY, "8081", "The port of health and metrics; 0 takes any free one.");

    public static final Setting<Integer> MAX_HEADER_SIZE = Setting.of("limits.max_header_size",
            "REVERB_MAX_HEADER_SIZE", SettingType.size(1_024, 1 << 20), "16KiB",
            "All headers of one request, and its request line.");
    public static final Setting<Duration> REQUEST_TIMEOUT = Setting.of("limits.request_timeout",
            "REVERB_REQUEST_TIMEOUT", SettingType.duration(MILLISECOND, HOUR), "10s",
            "From accept, or from the first byte of a later request, to the complete request.");
    public static final Setting<Duration> KEEP_ALIVE_TIMEOUT = Setting.of("limits.keep_alive_timeout",
            "REVERB_KEEP_ALIVE_TIMEOUT", SettingType.duration(MILLISECOND, HOUR), "75s",
            "How long an HTTP connection may idle between requests.");
    public static final Setting<Integer> OUTBOUND_BUFFER = Setting.of("limits.outbound_buffer",
            "REVERB_OUTBOUND_BUFFER", SettingType.size(16_384, 1 << 30), "1MiB",
            "Bytes waiting for one connection before it is closed as a slow reader. Unset, it grows with"
                    + " `REVERB_MAX_REQUEST_SIZE`, to twice that.");
    public static final Setting<Duration> OUTBOUND_AGE = Setting.of("limits.outbound_age", "REVERB_OUTBOUND_AGE",
            SettingType.duration(MILLISECOND, HOUR), "20s",
            "How long bytes may wait for one connection before it is closed as a slow reader.");
    public static final Setting<Integer> MAX_CONNECTIONS = Setting.of("limits.max_connections",
            "REVERB_MAX_CONNECTIONS", SettingType.number(0, Integer.MAX_VALUE), "0",
            "Connections over all applications; 0 is what the open-files limit allows.");
    public static final Setting<Integer> MAX_CONNECTIONS_PER_ADDRESS = Setting.of("limits.max_connections_per_address",
            "REVERB_MAX_CONNECTIONS_PER_ADDRESS", SettingType.number(0, Integer.MAX_VALUE), "0",
            "WebSockets of one client address; further ones are answered with 429. 0 is no limit. Behind a proxy, set"
                    + " `server.trusted_proxies` too, or all clients have the proxy's address.");
    public static final Setting<Integer> HANDSHAKES_PER_ADDRESS = Setting.of("limits.handshakes_per_second_per_address",
            "REVERB_HANDSHAKES_PER_SECOND_PER_ADDRESS", SettingType.number(0, 1_000_000), "0",
            "How fast one client address may open WebSockets, twice as many in a burst; faster ones are answered with"
                    + " 429. 0 is no limit.");
    public static final Setting<Integer> MAX_SUBSCRIPTIONS = Setting.of("limits.max_subscriptions",
            "REVERB_MAX_SUBSCRIPTIONS", SettingType.number(1, Integer.MAX_VALUE), "5000",
            "Channels of one connection.");
    public static final Setting<Integer> MAX_CHANNELS_PER_EVENT = Setting.of("limits.max_channels_per_event",
            "REVERB_MAX_CHANNELS_PER_EVENT", SettingType.number(1, 1_000_000), "100",
            "Channels of one published event.");
    public static final Setting<Integer> MAX_BATCH_SIZE = Setting.of("limits.max_batch_size", "REVERB_MAX_BATCH_SIZE",
            SettingType.number(1, 100_000), "10", "Events of one batch.");
    public static final Setting<Integer> MAX_EVENT_NAME_LENGTH = Setting.of("limits.max_event_name_length",
            "REVERB_MAX_EVENT_NAME_LENGTH", SettingType.number(1, 65_535), "200", "Characters of an event name.");

    public static final Setting<Integer> CLIENT_EVENT_RATE = Setting.of("limits.client_event_rate",
            "REVERB_CLIENT_EVENT_RATE", SettingType.size(0, 1 << 30), "256KiB",
            "Bytes a second of client events that one connection may send, four seconds' worth in a burst; more are"
                    + " refused with 4301, so that one client fills neither Redis nor its channel. 0 is no limit.");
    public static final Setting<Duration> RESPONSE_TIMEOUT = Setting.of("limits.response_timeout",
            "REVERB_RESPONSE_TIMEOUT", SettingType.duration(MILLISECOND, HOUR), "30s",
            "How long an API request may wait for its answer before it gets 504.");
    public static final Setting<Duration> IDEMPOTENCY_WINDOW = Setting.of("limits.idempotency_window",
            "REVERB_IDEMPOTENCY_WINDOW", SettingType.duration(SECOND, HOUR), "120s",
            "How long the answer to a request with an idempotency_key is remembered.");
    public static final Setting<Integer> REQUEST_MEMORY = Setting.optional("limits.request_memory",
            "REVERB_REQUEST_MEMORY", SettingType.size(65_536, 1 << 30),
            "Bytes that the bodies of all API requests under way may take together; more get 503. Unset, it is an"
                    + " eighth of the heap.");

    public static final Setting<Integer> HISTORY_MEMORY = Setting.optional("limits.history_memory",
            "REVERB_HISTORY_MEMORY", SettingType.size(16 << 20, 1 << 30),
            "Bytes that histories of all channels may take together, in Redis with scaling, else in this server; what"
                    + " is oldest goes first. Unset, it is 256 MiB with scaling and 64 MiB without.");
    public static final Setting<Integer> HISTORY_MEMORY_PER_APP = Setting.optional("limits.history_memory_per_app",
            "REVERB_HISTORY_MEMORY_PER_APP", SettingType.size(8 << 20, 1 << 30),
            "The same for one application. Unset, it is a half of `limits.history_memory`.");

    public static final Setting<Boolean> SCALING_ENABLED = Setting.of("scaling.enabled", "REVERB_SCALING_ENABLED",
            SettingType.bool(), "false", "Whether this server is one of several that share Redis.");
    public static final Setting<String> SCALING_CHANNEL = Setting.of("scaling.channel", "REVERB_SCALING_CHANNEL",
            SettingType.text(Pattern.compile("[A-Za-z0-9_.:-]{1,100}"), "1 to 100 letters, digits and _ . : -"),
            "reverb", "The prefix of every key and channel in Redis.");
    public static final Setting<Duration> SCALING_LEASE = Setting.of("scaling.lease", "REVERB_SCALING_LEASE",
            SettingType.duration(SECOND, HOUR), "6s", "How long a silent node keeps its entries.");
    public static final Setting<Duration> SCALING_RETENTION = Setting.of("scaling.retention",
            "REVERB_SCALING_RETENTION", SettingType.duration(SECOND, DAY), "60s",
            "How long a publication is kept for nodes whose link to Redis is down.");
    public static final Setting<ScalingConfig.WhenDown> SCALING_WHEN_DOWN = Setting.of("scaling.when_down",
            "REVERB_SCALING_WHEN_DOWN", SettingType.oneOf(ScalingConfig.WhenDown.class), "hold",
            "What a publish does while the link to Redis is down: deliver here and hold it, or be refused with 503.");

    public static final Setting<Boolean> SCALING_READY_WHEN_DOWN = Setting.of("scaling.ready_when_down",
            "REVERB_SCALING_READY_WHEN_DOWN", SettingType.bool(), "true",
            "Whether `/readyz` stays 200 while the link to Redis is down. With false a load balancer sends new clients"
                    + " elsewhere, and nowhere when Redis itself is down. `/livez` does not depend on Redis.");

    public static final Setting<String> REDIS_URL = Setting
            .optional("redis.url", "REDIS_URL",
                    SettingType.parsed(
                            "redis://user:password@host:port/db, or rediss:// for TLS; the signs "
                                    + "@ : / ? # % of a password stand there as %40 %3A %2F %3F %23 %25",
                            RedisUrl::check),
                    "Where Redis is; its parts win over the settings below.")
            .asSecret();
    public static final Setting<String> REDIS_HOST = Setting.of("redis.host", "REDIS_HOST", HOST_TYPE, "127.0.0.1",
            "Redis's host.");
    public static final Setting<Integer> REDIS_PORT = Setting.of("redis.port", "REDIS_PORT", PORT_TYPE, "6379",
            "Redis's port.");
    public static final Setting<String> REDIS_USERNAME = Setting.optional("redis.username", "REDIS_USERNAME", ANY_TEXT,
            "Redis's ACL user.");
    public static final Setting<String> REDIS_PASSWORD = Setting
            .optional("redis.password", "REDIS_PASSWORD", ANY_TEXT, "Redis's password.")
            .asSecret();
    public static final Setting<Integer> REDIS_DB = Setting.of("redis.db", "REDIS_DB", SettingType.number(0, 65_535),
            "0", "The number of the database; a Cluster has only 0.");
    public static final Setting<Duration> REDIS_TIMEOUT = Setting.of("redis.timeout", "REDIS_TIMEOUT",
            SettingType.duration(MILLISECOND, HOUR), "60",
            "How long one command may take; never longer than two thirds of `scaling.lease`.");
    public static final Setting<List<String>> REDIS_SENTINELS = Setting.of("redis.sentinel.nodes",
            "REDIS_SENTINEL_NODES", NODES, "", "The Sentinels; port 26379 unless said otherwise.");
    public static final Setting<String> REDIS_SENTINEL_MASTER = Setting.of("redis.sentinel.master",
            "REDIS_SENTINEL_MASTER", ANY_TEXT, "mymaster", "The name that the Sentinels know the primary by.");
    public static final Setting<String> REDIS_SENTINEL_PASSWORD = Setting
            .optional("redis.sentinel.password", "REDIS_SENTINEL_PASSWORD", ANY_TEXT, "The Sentinels' own password.")
            .asSecret();
    public static final Setting<List<String>> REDIS_CLUSTER = Setting.of("redis.cluster.nodes", "REDIS_CLUSTER_NODES",
            NODES, "", "Some nodes of a Redis Cluster; port 6379 unless said otherwise.");
    public static final Setting<Boolean> REDIS_TLS = Setting.of("redis.tls.enabled", "REDIS_TLS", SettingType.bool(),
            "false", "Whether links to Redis are encrypted.");
    public static final Setting<Path> REDIS_CAFILE = Setting.optional("redis.tls.cafile", "REDIS_CAFILE",
            SettingType.path(), "Certificates as PEM to verify Redis against; unset, the system's.");
    public static final Setting<Boolean> REDIS_VERIFY_PEER = Setting.of("redis.tls.verify_peer", "REDIS_VERIFY_PEER",
            SettingType.bool(), "true", "Whether Redis's certificate is verified.");

    public static final Setting<LogFormat> LOG_FORMAT = Setting.of("log.format", "REVERB_LOG_FORMAT",
            SettingType.oneOf(LogFormat.class), "text", "Log lines for people, or one JSON object per line.");

    /** All of them, in the order of the reference page. */
    public static final List<Setting<?>> ALL = List.of(CONFIG, HOST_BOUND, PORT_BOUND, API_PORT, API_HOST, PATH,
            MAX_REQUEST_SIZE, SIGNATURE_TOLERANCE, TRUSTED_PROXIES, TRANSPORT, EVENT_LOOPS, DEBUG, APP_REMOVAL_GRACE,
            TERMINATION_MESSAGE_PATH, LISTENERS, PUBLIC_HOST, PUBLIC_PORT, PUBLIC_SCHEME, TLS_CERT, TLS_KEY,
            TLS_PASSPHRASE, TLS_CAFILE, TLS_VERIFY_PEER, DRAIN_DURATION, DRAIN_PACE, DRAIN_PRESENCE_LINGER,
            DRAIN_NOTICE, REBALANCE_ENABLED, REBALANCE_TOLERANCE, REBALANCE_PACE, WEBHOOKS_ALLOW_PRIVATE,
            WEBHOOKS_TIMEOUT, WEBHOOKS_RETRY_FOR, WEBHOOKS_BATCH_SIZE, WEBHOOKS_QUEUE_SIZE, MANAGEMENT_HOST,
            MANAGEMENT_PORT, MAX_HEADER_SIZE, REQUEST_TIMEOUT, KEEP_ALIVE_TIMEOUT, OUTBOUND_BUFFER, OUTBOUND_AGE,
            MAX_CONNECTIONS, MAX_CONNECTIONS_PER_ADDRESS, HANDSHAKES_PER_ADDRESS, MAX_SUBSCRIPTIONS,
            MAX_CHANNELS_PER_EVENT, MAX_BATCH_SIZE, MAX_EVENT_NAME_LENGTH, CLIENT_EVENT_RATE, RESPONSE_TIMEOUT,
            IDEMPOTENCY_WINDOW, REQUEST_MEMORY, HISTORY_MEMORY, HISTORY_MEMORY_PER_APP, SCALING_ENABLED,
            SCALING_CHANNEL, SCALING_LEASE, SCALING_RETENTION, SCALING_WHEN_DOWN, SCALING_READY_WHEN_DOWN, REDIS_URL,
            REDIS_HOST, REDIS_PORT, REDIS_USERNAME, REDIS_PASSWORD, REDIS_DB, REDIS_TIMEOUT, REDIS_SENTINELS,
            REDIS_SENTINEL_MASTER, REDIS_SENTINEL_PASSWORD, REDIS_CLUSTER, REDIS_TLS, REDIS_CAFILE, REDIS_VERIFY_PEER,
            LOG_FORMAT);

    /** How Redis is reached; the variables of the same names may be those of an application's cache. */
    public static final List<Setting<?>> REDIS = List.of(REDIS_URL, REDIS_HOST, REDIS_PORT, REDIS_USERNAME,
            REDIS_PASSWORD, REDIS_DB, REDIS_TIMEOUT, REDIS_SENTINELS, REDIS_SENTINEL_MASTER, REDIS_SENTINEL_PASSWORD,
            REDIS_CLUSTER, REDIS_TLS, REDIS_CAFILE, REDIS_VERIFY_PEER);

    private ServerSettings() {}

    private static String pathPrefix(String text) {
        String path = text.replaceAll("^/+|/+$", "");
        if (path.isEmpty()) {
            return "";
        }
        if (!path.matches("[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*")) {
            throw new IllegalArgumentException(text);
        }
        return "/" + path;
    }
}
