package dev.reverb.server.config.read;

import dev.reverb.model.HistoryBounds;
import dev.reverb.model.RedisUrl;
import dev.reverb.model.read.ServerLimits;
import dev.reverb.model.setting.Given;
import dev.reverb.model.setting.Setting;
import dev.reverb.model.setting.SettingsException;
import dev.reverb.server.config.AddressRange;
import dev.reverb.server.config.ScalingConfig;
import dev.reverb.server.config.ScalingConfig.RedisConfig;
import dev.reverb.server.config.ScalingConfig.Topology;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.ServerConfig.ApiConfig;
import dev.reverb.server.config.ServerConfig.DrainConfig;
import dev.reverb.server.config.ServerConfig.LimitsConfig;
import dev.reverb.server.config.ServerConfig.ManagementConfig;
import dev.reverb.server.config.ServerConfig.PublicAddress;
import dev.reverb.server.config.ServerConfig.RebalanceConfig;
import dev.reverb.server.config.ServerConfig.WebhookConfig;
import dev.reverb.server.config.ServerSettings;
import dev.reverb.server.config.TlsConfig;
import dev.reverb.server.config.source.Unreadable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** Makes the server's configuration of what was given, and checks what only shows across several settings. */
final class ServerConfigReader {
    private final Given given;
    private final CertificateDiscovery certificates;
    private final Consumer<String> warnings;

    ServerConfigReader(Given given, CertificateDiscovery certificates, Consumer<String> warnings) {
        this.given = given;
        this.certificates = certificates;
        this.warnings = warnings;
    }

    /**
     * @throws SettingsException for the first setting that cannot be used
     */
    ServerConfig read() {
        ServerConfig config = new ServerConfig(given.get(ServerSettings.HOST_BOUND),
                given.get(ServerSettings.PORT_BOUND), given.get(ServerSettings.PATH),
                new PublicAddress(given.find(ServerSettings.PUBLIC_HOST), given.get(ServerSettings.PUBLIC_PORT),
                        given.get(ServerSettings.PUBLIC_SCHEME)),
                given.find(ServerSettings.MAX_REQUEST_SIZE).map(OptionalInt::of).orElse(OptionalInt.empty()),
                given.get(ServerSettings.SIGNATURE_TOLERANCE), tls(),
                AddressRange.expand(given.get(ServerSettings.TRUSTED_PROXIES)),
                given.get(ServerSettings.APP_REMOVAL_GRACE),
                new DrainConfig(given.find(ServerSettings.DRAIN_DURATION), given.get(ServerSettings.DRAIN_PACE),
                        given.get(ServerSettings.DRAIN_PRESENCE_LINGER), given.get(ServerSettings.DRAIN_NOTICE)),
                new RebalanceConfig(given.get(ServerSettings.REBALANCE_ENABLED),
                        given.get(ServerSettings.REBALANCE_TOLERANCE), given.get(ServerSettings.REBALANCE_PACE)),
                new WebhookConfig(given.get(ServerSettings.WEBHOOKS_ALLOW_PRIVATE),
                        given.get(ServerSettings.WEBHOOKS_TIMEOUT), given.get(ServerSettings.WEBHOOKS_RETRY_FOR),
                        given.get(ServerSettings.WEBHOOKS_BATCH_SIZE), given.get(ServerSettings.WEBHOOKS_QUEUE_SIZE)),
                new ManagementConfig(given.get(ServerSettings.MANAGEMENT_HOST),
                        given.get(ServerSettings.MANAGEMENT_PORT)),
                api(), limits(), scaling(), given.get(ServerSettings.TRANSPORT), given.get(ServerSettings.EVENT_LOOPS),
                given.get(ServerSettings.LOG_FORMAT), given.get(ServerSettings.DEBUG));
        PortClashes.refuse(given, config);
        warnOfLongTimeout(config.scaling());
        return config;
    }

    private Optional<TlsConfig> tls() {
        Optional<Path> certificate = given.find(ServerSettings.TLS_CERT);
        Optional<Path> key = given.find(ServerSettings.TLS_KEY);
        Optional<Path> cafile = given.find(ServerSettings.TLS_CAFILE);
        Optional<String> passphrase = given.find(ServerSettings.TLS_PASSPHRASE);
        boolean verifyPeer = given.get(ServerSettings.TLS_VERIFY_PEER);
        if (certificate.isEmpty()) {
            for (Setting<?> setting : List.<Setting<?>>of(ServerSettings.TLS_KEY, ServerSettings.TLS_PASSPHRASE,
                    ServerSettings.TLS_CAFILE)) {
                if (given.has(setting)) {
                    throw new SettingsException(given.origin(setting) + ": means nothing without a certificate; set "
                            + ServerSettings.TLS_CERT + " (" + ServerSettings.TLS_CERT.variable() + ") too");
                }
            }
            if (verifyPeer) {
                throw new SettingsException(
                        given.origin(ServerSettings.TLS_VERIFY_PEER) + ": clients can only be verified over TLS; set "
                                + ServerSettings.TLS_CERT + " (" + ServerSettings.TLS_CERT.variable() + ") too");
            }
            return certificates().map(found -> new TlsConfig(found.certificate(), Optional.of(found.key()),
                    Optional.empty(), Optional.empty(), false));
        }
        requireReadable(ServerSettings.TLS_CERT, certificate);
        requireReadable(ServerSettings.TLS_KEY, key);
        requireReadable(ServerSettings.TLS_CAFILE, cafile);
        if (verifyPeer && cafile.isEmpty()) {
            throw new SettingsException(
                    given.origin(ServerSettings.TLS_VERIFY_PEER) + ": there is nothing to verify clients against; set "
                            + ServerSettings.TLS_CAFILE + " (" + ServerSettings.TLS_CAFILE.variable() + ") too");
        }
        if (!verifyPeer && cafile.isPresent()) {
            throw new SettingsException(given.origin(ServerSettings.TLS_CAFILE)
                    + ": means nothing while clients are not verified; set " + ServerSettings.TLS_VERIFY_PEER + " ("
                    + ServerSettings.TLS_VERIFY_PEER.variable() + ") to true, or leave it out");
        }
        return Optional.of(new TlsConfig(certificate.get(), key, passphrase, cafile, verifyPeer));
    }

    private Optional<CertificateDiscovery.Found> certificates() {
        return given.find(ServerSettings.PUBLIC_HOST).flatMap(certificates::find);
    }

    private void requireReadable(Setting<Path> setting, Optional<Path> file) {
        if (file.isPresent() && !(Files.isRegularFile(file.get()) && Files.isReadable(file.get()))) {
            throw new SettingsException(given.origin(setting) + ": \"" + file.get() + "\" " + Unreadable.why(file.get())
                    + "; allowed is a readable PEM file");
        }
    }

    private LimitsConfig limits() {
        HistoryBounds histories = given.find(ServerSettings.HISTORY_MEMORY)
                .map(HistoryBounds::of)
                .orElse(given.get(ServerSettings.SCALING_ENABLED) ? HistoryBounds.IN_REDIS : HistoryBounds.IN_MEMORY);
        return new LimitsConfig(given.get(ServerSettings.MAX_HEADER_SIZE), given.get(ServerSettings.REQUEST_TIMEOUT),
                given.get(ServerSettings.KEEP_ALIVE_TIMEOUT), outboundBuffer(), given.get(ServerSettings.OUTBOUND_AGE),
                given.get(ServerSettings.MAX_CONNECTIONS), given.get(ServerSettings.MAX_CONNECTIONS_PER_ADDRESS),
                given.get(ServerSettings.HANDSHAKES_PER_ADDRESS), given.get(ServerSettings.MAX_SUBSCRIPTIONS),
                given.get(ServerSettings.MAX_CHANNELS_PER_EVENT), given.get(ServerSettings.MAX_BATCH_SIZE),
                given.get(ServerSettings.MAX_EVENT_NAME_LENGTH), given.get(ServerSettings.CLIENT_EVENT_RATE),
                given.get(ServerSettings.RESPONSE_TIMEOUT), given.get(ServerSettings.IDEMPOTENCY_WINDOW),
                given.find(ServerSettings.REQUEST_MEMORY).orElseGet(ServerConfigReader::eighthOfTheHeap),
                histories.all(), given.find(ServerSettings.HISTORY_MEMORY_PER_APP).orElse(histories.ofApp()));
    }

    private static int eighthOfTheHeap() {
        return (int) Math.min(1 << 30, Runtime.getRuntime().maxMemory() / 8);
    }

    private int outboundBuffer() {
        Optional<Integer> own = given.has(ServerSettings.OUTBOUND_BUFFER)
                ? Optional.of(given.get(ServerSettings.OUTBOUND_BUFFER))
                : Optional.empty();
        return ServerLimits.of(given.find(ServerSettings.MAX_REQUEST_SIZE), own).outboundBuffer();
    }

    private ScalingConfig scaling() {
        return new ScalingConfig(given.get(ServerSettings.SCALING_ENABLED), given.get(ServerSettings.SCALING_CHANNEL),
                redis(), given.get(ServerSettings.SCALING_LEASE), given.get(ServerSettings.SCALING_RETENTION),
                given.get(ServerSettings.SCALING_WHEN_DOWN), given.get(ServerSettings.SCALING_READY_WHEN_DOWN));
    }

    private RedisConfig redis() {
        Optional<RedisUrl> url = given.find(ServerSettings.REDIS_URL).map(RedisUrl::parse);
        List<String> sentinels = given.get(ServerSettings.REDIS_SENTINELS);
        List<String> cluster = given.get(ServerSettings.REDIS_CLUSTER);
        if (!sentinels.isEmpty() && !cluster.isEmpty()) {
            throw new SettingsException(
                    given.origin(ServerSettings.REDIS_SENTINELS) + " and " + given.origin(ServerSettings.REDIS_CLUSTER)
                            + ": both are set; allowed is one of them, Sentinels or a Cluster");
        }
        Topology topology = !sentinels.isEmpty() ? Topology.SENTINEL
                : cluster.isEmpty() ? Topology.SINGLE : Topology.CLUSTER;
        int database = url.map(RedisUrl::database)
                .filter(OptionalInt::isPresent)
                .map(OptionalInt::getAsInt)
                .orElseGet(() -> given.get(ServerSettings.REDIS_DB));
        if (topology == Topology.CLUSTER && database != 0) {
            throw new SettingsException(given.origin(ServerSettings.REDIS_DB) + ": \"" + database
                    + "\" is not allowed; allowed is 0 with a Redis Cluster, which has no other database");
        }
        String host = url.map(RedisUrl::host).orElseGet(() -> given.get(ServerSettings.REDIS_HOST));
        int port = url.map(RedisUrl::port)
                .filter(OptionalInt::isPresent)
                .map(OptionalInt::getAsInt)
                .orElseGet(() -> given.get(ServerSettings.REDIS_PORT));
        List<String> nodes = switch (topology) {
            case SINGLE ->
                List.of(withPort(host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host, port));
            case SENTINEL -> sentinels.stream().map(node -> withPort(node, 26_379)).toList();
            case CLUSTER -> cluster.stream().map(node -> withPort(node, 6_379)).toList();
        };
        Optional<Path> cafile = given.find(ServerSettings.REDIS_CAFILE);
        if (given.get(ServerSettings.SCALING_ENABLED)) { // otherwise it may be that of an application's cache
            requireReadable(ServerSettings.REDIS_CAFILE, cafile);
        }
        return new RedisConfig(nodes, topology,
                topology == Topology.SENTINEL ? Optional.of(given.get(ServerSettings.REDIS_SENTINEL_MASTER))
                        : Optional.empty(),
                given.find(ServerSettings.REDIS_SENTINEL_PASSWORD),
                url.flatMap(RedisUrl::username).or(() -> given.find(ServerSettings.REDIS_USERNAME)),
                url.flatMap(RedisUrl::password).or(() -> given.find(ServerSettings.REDIS_PASSWORD)), database,
                given.get(ServerSettings.REDIS_TLS) || url.map(RedisUrl::tls).orElse(false), cafile,
                given.get(ServerSettings.REDIS_VERIFY_PEER), given.get(ServerSettings.REDIS_TIMEOUT));
    }

    private static String withPort(String node, int port) {
        return node.matches(".*:\\d+") && !node.endsWith("]") ? node : node + ":" + port;
    }

    /** A node that waited longer for an answer could not beat its lease in time. */
    private void warnOfLongTimeout(ScalingConfig scaling) {
        Duration most = scaling.lease().multipliedBy(2).dividedBy(3);
        if (scaling.enabled() && given.has(ServerSettings.REDIS_TIMEOUT)
                && scaling.redis().timeout().compareTo(most) > 0) {
            warnings.accept(given.origin(ServerSettings.REDIS_TIMEOUT) + ": " + most.toMillis()
                    + " ms are used, which is two thirds of scaling.lease; allowed is at most that");
        }
    }

    private Optional<ApiConfig> api() {
        Optional<Integer> port = given.find(ServerSettings.API_PORT);
        Optional<String> host = given.find(ServerSettings.API_HOST);
        if (port.isEmpty() && host.isPresent()) {
            throw new SettingsException(given.origin(ServerSettings.API_HOST)
                    + ": means nothing while the HTTP API has no port of its own; set " + ServerSettings.API_PORT + " ("
                    + ServerSettings.API_PORT.variable() + ") too");
        }
        return port.map(number -> new ApiConfig(host.orElseGet(() -> given.get(ServerSettings.HOST_BOUND)), number));
    }
}
