package dev.reverb.server.management;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.reverb.server.app.AppRegistry;
import dev.reverb.server.channel.Channels;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.ServerConfig.ManagementConfig;
import dev.reverb.server.listener.Listeners;
import dev.reverb.server.metrics.ServerMeters;
import dev.reverb.server.transport.BindFailure;
import dev.reverb.server.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code /livez}, {@code /readyz}, {@code /metrics} and {@code /status}. */
public final class ManagementServer implements AutoCloseable {

    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private final HttpServer http;
    private final ServerMeters meters;
    private final Transport transport;
    private final Channels channels;
    private final Listeners listeners;
    private final Cluster cluster;
    private final AppRegistry apps;
    private final Supplier<StatusPage> status;
    private @Nullable Metrics metrics;
    private @Nullable StatusPage page;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * Binds and serves.
     *
     * @param unready why no new connections should come here, empty when they should
     * @throws IOException when the address cannot be bound; the message names it
     */
    public ManagementServer(ServerConfig server, AppRegistry apps, Supplier<Optional<String>> unready,
            ServerMeters meters, Transport transport, Channels channels, Listeners listeners, Cluster cluster)
            throws IOException {
        ManagementConfig config = server.management();
        Instant started = Instant.now();
        this.apps = apps;
        this.status = () -> new StatusPage(server, apps, channels, cluster, meters, unready, started);
        this.cluster = cluster;
        this.meters = meters;
        this.transport = transport;
        this.channels = channels;
        this.listeners = listeners;
        try {
            http = HttpServer.create(new InetSocketAddress(config.host(), config.port()), 64);
        } catch (IOException e) {
            throw new IOException("cannot listen on " + config.host() + ":" + config.port() + " for management: "
                    + BindFailure.say(e, config.port(), "REVERB_MANAGEMENT_HOST", "REVERB_MANAGEMENT_PORT"), e);
        }
        http.setExecutor(threads);
        http.createContext("/livez", exchange -> answer(exchange, 200, "ok\n"));
        http.createContext("/readyz", exchange -> {
            Optional<String> reason = unready.get();
            answer(exchange, reason.isEmpty() ? 200 : 503, reason.orElse("ok") + "\n");
        });
        http.createContext("/status", exchange -> answer(exchange, 200, "application/json",
                status().render(!"apps=false".equals(exchange.getRequestURI().getQuery()))));
        http.createContext("/metrics", exchange -> {
            String accept = exchange.getRequestHeaders().getFirst("Accept");
            String type = accept != null && accept.contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
            answer(exchange, 200, type, metrics().scrape(type));
        });
        http.start();
    }

    /** Made with the first request, as JSON costs a start its classes. */
    private synchronized StatusPage status() {
        if (page == null) {
            page = status.get();
        }
        return page;
    }

    private synchronized Metrics metrics() {
        if (metrics == null) {
            metrics = new Metrics(meters, transport, channels, listeners, cluster, apps);
        }
        return metrics;
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        answer(exchange, status, "text/plain; charset=utf-8", text);
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return http.getAddress();
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
        synchronized (this) {
            if (metrics != null) {
                metrics.close();
            }
        }
    }
}
