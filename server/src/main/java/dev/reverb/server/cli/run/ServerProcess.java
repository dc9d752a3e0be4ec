package dev.reverb.server.cli.run;

import dev.reverb.server.boot.ReverbServer;
import dev.reverb.server.cli.command.Addresses;
import dev.reverb.server.cli.command.CommandFailedException;
import dev.reverb.server.cli.command.Hints;
import dev.reverb.server.config.OpenFilesLimit;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.live.ReloadStatus;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.lifecycle.DrainReport;
import dev.reverb.server.listener.Listeners;
import dev.reverb.server.listener.ReverbListener;
import dev.reverb.server.management.ServerVersion;
import dev.reverb.server.metrics.ServerMeters;
import dev.reverb.server.tls.ReloadingTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server as the one thing that its process does: its log, its certificate, its signals, the file that
 * {@code restart} finds it by, and the message that it leaves. Used by the main thread.
 */
public final class ServerProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServerProcess.class);

    private final Settings settings;
    private final @Nullable ReloadingTls tls;
    private final ReverbServer server;
    private final List<Path> pidFiles;

    private ServerProcess(Settings settings) {
        this.settings = settings;
        ServerConfig config = settings.server();
        this.tls = config.tls().map(ReloadingTls::start).orElse(null);
        try {
            server = ReverbServer.start(config, settings.apps(),
                    new ReverbServer.Options(tls, listeners(settings), maxConnections(config)));
        } catch (IOException e) {
            if (tls != null) {
                tls.close();
            }
            throw new CommandFailedException(String.valueOf(e.getMessage()));
        }
        this.pidFiles = new RunningServers(System.getenv()).register(server.address().getPort());
    }

    /**
     * Starts the server and takes over SIGTERM and SIGINT.
     *
     * @throws CommandFailedException when an address cannot be bound
     */
    public static ServerProcess start(Settings settings) {
        settings.warnings().forEach(LOG::warn);
        ServerProcess process = new ServerProcess(settings);
        process.countReloads();
        StopSignals.install(process::beginDrain);
        process.sayHello();
        return process;
    }

    public InetSocketAddress address() {
        return server.address();
    }

    InetSocketAddress apiAddress() {
        return server.apiAddress();
    }

    public InetSocketAddress managementAddress() {
        return server.managementAddress();
    }

    /** Begins to drain; harmless when it has begun. */
    public void beginDrain() {
        var _ = server.drain();
    }

    /** Waits until a drain, whoever began it, has ended, and writes how it went. */
    public void awaitEnd() {
        DrainReport report = server.drained().join();
        String seconds = String.format(Locale.ROOT, "%.3f", report.took().toMillis() / 1000.0);
        LOG.info("Drained {} connections in {} s, {} of them at the deadline", report.drained(), seconds, report.cut());
        settings.terminationMessagePath().ifPresent(path -> {
            try {
                Files.writeString(path, "{\"drained\":" + report.drained() + ",\"cut\":" + report.cut()
                        + ",\"seconds\":" + seconds + "}\n");
            } catch (IOException e) {
                LOG.warn("The termination message could not be written to {}: {}", path, e.toString());
            }
        });
    }

    @Override
    public void close() {
        server.close();
        if (tls != null) {
            tls.close();
        }
        pidFiles.forEach(RunningServers::unregister);
    }

    private void countReloads() {
        ServerMeters meters = server.meters();
        settings.onReload(status -> count(status, meters.settingsStale(), meters));
        settings.onRedis(server::redisChanged);
        if (tls != null) {
            tls.onReload(status -> {
                count(status, meters.certificateStale(), meters);
                meters.certificateExpires().set(tls.expires().getEpochSecond());
            });
        }
    }

    private static void count(ReloadStatus status, AtomicInteger stale, ServerMeters meters) {
        stale.set(status.problem().isPresent() ? 1 : 0);
        if (status.problem().isPresent()) {
            meters.reloadsFailed().increment();
        }
    }

    private static List<ReverbListener> listeners(Settings settings) throws IOException {
        if (settings.listeners().isEmpty()) {
            return Listeners.installed();
        }
        List<ReverbListener> listeners = Listeners.installed(settings.listeners().get());
        LOG.info("Listeners: {}",
                String.join(", ", listeners.stream().map(listener -> listener.getClass().getName()).toList()));
        return listeners;
    }

    private static int maxConnections(ServerConfig config) {
        OpenFilesLimit files = OpenFilesLimit.read();
        int wanted = config.limits().maxConnections();
        if (files.low()) {
            LOG.warn(
                    "This process may open {} files, which is enough for {} connections; raise it with ulimit -n,"
                            + " LimitNOFILE= (systemd), minfds (Supervisor) or limits.conf",
                    files.files().orElse(0), files.connections(config.loops()));
        }
        if (wanted > files.connections(config.loops())) {
            LOG.warn("limits.max_connections is {}, but the open-files limit allows {} connections", wanted,
                    files.connections(config.loops()));
        }
        return files.connections(config.loops());
    }

    private void sayHello() {
        ServerConfig config = settings.server();
        String scheme = tls == null ? "http" : "https";
        LOG.info("Reverb {} listens on {}{} with {} application{}; health and metrics on {}", ServerVersion.text(),
                Addresses.url(scheme, config.host(), address().getPort()), config.path(), settings.apps().all().size(),
                settings.apps().all().size() == 1 ? "" : "s",
                Addresses.url("http", config.management().host(), managementAddress().getPort()));
        config.api()
                .ifPresent(api -> LOG.info("The HTTP API is on {}{}/apps alone",
                        Addresses.url(scheme, api.host(), apiAddress().getPort()), config.path()));
        config.tls().ifPresent(files -> LOG.info("TLS with the certificate {}", files.localCert()));
        if (tls != null) {
            Hints.otherHost(config, tls).ifPresent(LOG::warn);
        }
        settings.file().ifPresent(file -> LOG.info("Applications follow {}", file));
    }
}
