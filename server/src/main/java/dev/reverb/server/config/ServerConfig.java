package dev.reverb.server.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Everything that one server was started with, applications apart (they live in the
 * {@linkplain dev.reverb.server.app.AppRegistry registry} and change while it runs).
 *
 * @param host address to bind: {@code REVERB_SERVER_HOST}, default {@code 0.0.0.0}
 * @param port port to bind, 0 for any free one: {@code REVERB_SERVER_PORT}, default 8080
 * @param path prefix of every route, empty or starting with a slash: {@code REVERB_SERVER_PATH}
 * @param publicAddress the address that clients are to connect to: {@code REVERB_HOST}, {@code REVERB_PORT},
 *     {@code REVERB_SCHEME}
 * @param maxRequestSize bytes of one API request body, when set: {@code REVERB_MAX_REQUEST_SIZE}; unset, what a full
 *     batch of the largest application can need
 * @param signatureTolerance how far {@code auth_timestamp} may lie from this server's clock
 * @param tls direct TLS; empty when a proxy in front does it, or nobody
 * @param trustedProxies addresses and CIDR ranges that {@code X-Forwarded-For} is believed from
 * @param appRemovalGrace how long connections of an application outlive its removal from the file, or its key
 * @param drain how connections are closed when the server stops
 * @param rebalance how connections are closed when others have far fewer
 * @param webhooks how events are sent to the addresses of applications
 * @param management the port of health and metrics
 * @param api where the HTTP API is served instead of at {@code port}; empty: there too
 * @param limits bounds against hostile or broken peers
 * @param scaling many nodes over Redis
 * @param transport how sockets are polled
 * @param eventLoops threads that serve sockets, 0 for one per core
 * @param logFormat how log lines look
 * @param debug stream every message to the log, secrets masked
 */
public record ServerConfig(
        String host,
        int port,
        String path,
        PublicAddress publicAddress,
        OptionalInt maxRequestSize,
        Duration signatureTolerance,
        Optional<TlsConfig> tls,
        List<String> trustedProxies,
        Duration appRemovalGrace,
        DrainConfig drain,
        RebalanceConfig rebalance,
        WebhookConfig webhooks,
        ManagementConfig management,
        Optional<ApiConfig> api,
        LimitsConfig limits,
        ScalingConfig scaling,
        Transport transport,
        int eventLoops,
        LogFormat logFormat,
        boolean debug) {

    public ServerConfig {
        trustedProxies = List.copyOf(trustedProxies);
    }

    /** The port of the HTTP API. */
    public int apiPort() {
        return api.map(ApiConfig::port).orElse(port);
    }

    /** The address that the HTTP API is bound to. */
    public String apiHost() {
        return api.map(ApiConfig::host).orElse(host);
    }

    /** How many event loops there are. */
    public int loops() {
        return eventLoops > 0 ? eventLoops : Runtime.getRuntime().availableProcessors();
    }

    /**
     * What clients connect to, as opposed to what is bound.
     *
     * @param host a name; empty when {@code REVERB_HOST} is unset
     * @param port 443 by default, as in Reverb
     * @param scheme {@code https} (default) or {@code http}
     */
    public record PublicAddress(Optional<String> host, int port, String scheme) {}

    /**
     * Draining, when the server stops or restarts.
     *
     * @param duration connections are closed over this time; empty: 60 s when other nodes serve, all at once otherwise
     * @param closesPerSecond the pace, exceeded only as far as {@code duration} demands
     * @param presenceLinger how long who is sent to another node stays a member, here and over all nodes
     * @param notice how long before its close a client that resumes is notified; zero for not at all, default 5 s
     */
    public record DrainConfig(
            Optional<Duration> duration,
            int closesPerSecond,
            Duration presenceLinger,
            Duration notice) {}

    /**
     * Sending connections on to nodes that joined; of use with scaling only.
     *
     * @param enabled {@code REVERB_REBALANCE_ENABLED}, default false
     * @param tolerancePercent how far above the mean of all nodes this one may be, default 25
     * @param closesPerSecond the pace, never exceeded; default 10
     */
    public record RebalanceConfig(boolean enabled, int tolerancePercent, int closesPerSecond) {}

    /**
     * Sending events to the addresses of applications.
     *
     * @param allowPrivate whether addresses of private networks and of this machine are connected to; default false
     * @param timeout from the beginning of a request to its answer; default 10 s
     * @param retryFor how long an event is tried again before it is dropped; default 10 min
     * @param batchSize events of one request at most; default 50
     * @param queueSize bytes that may wait for one address on this node; default 8 MiB
     */
    public record WebhookConfig(
            boolean allowPrivate,
            Duration timeout,
            Duration retryFor,
            int batchSize,
            int queueSize) {

        /** All defaults. */
        public static final WebhookConfig STANDARD = new WebhookConfig(false, Duration.ofSeconds(10),
                Duration.ofMinutes(10), 50, 8 << 20);
    }

    /**
     * Health and metrics.
     *
     * @param host default {@code 127.0.0.1}
     * @param port default 8081, 0 for any free one
     */
    public record ManagementConfig(String host, int port) {}

    /**
     * The HTTP API on a port of its own.
     *
     * @param host {@code REVERB_API_HOST}, default that of clients
     * @param port {@code REVERB_API_PORT}, 0 for any free one
     */
    public record ApiConfig(String host, int port) {}

    /**
     * Bounds against hostile or broken peers.
     *
     * @param maxHeaderSize bytes of all headers of one request, and of its request line
     * @param requestTimeout from accept, or from the first byte of a later request, to the complete request
     * @param keepAliveTimeout how long an HTTP connection may idle between requests
     * @param outboundBuffer bytes waiting for one connection before it counts as a slow reader
     * @param outboundAge how long bytes may wait for one connection before it counts as a slow reader
     * @param maxConnections sockets over all applications; 0: what the open-files limit allows
     * @param maxConnectionsPerAddress WebSockets of one client address; 0 for no limit
     * @param handshakesPerSecondPerAddress how fast one client address may open them; 0 for no limit
     * @param maxSubscriptions channels of one connection
     * @param maxChannelsPerEvent channels of one published event
     * @param maxBatchSize events of one batch
     * @param maxEventNameLength characters of an event name
     * @param clientEventRate bytes a second of client events of one connection; 0 for no limit
     * @param responseTimeout from the complete request to its answer
     * @param idempotencyWindow how long an answer is remembered by its request's key
     * @param requestMemory bytes of the bodies of all requests under way
     * @param historyMemory bytes of the histories of all channels
     * @param historyMemoryPerApp bytes of those of one application
     */
    public record LimitsConfig(
            int maxHeaderSize,
            Duration requestTimeout,
            Duration keepAliveTimeout,
            int outboundBuffer,
            Duration outboundAge,
            int maxConnections,
            int maxConnectionsPerAddress,
            int handshakesPerSecondPerAddress,
            int maxSubscriptions,
            int maxChannelsPerEvent,
            int maxBatchSize,
            int maxEventNameLength,
            int clientEventRate,
            Duration responseTimeout,
            Duration idempotencyWindow,
            int requestMemory,
            int historyMemory,
            int historyMemoryPerApp) {}

    /** How sockets are polled. */
    public enum Transport {
        /** epoll where there is one, else NIO. */
        AUTO, EPOLL, IO_URING, NIO
    }

    /** How log lines look. */
    public enum LogFormat {
        TEXT, JSON
    }
}
