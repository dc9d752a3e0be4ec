package dev.reverb.server.management;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.reverb.server.channel.Channels;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.config.ServerConfig.ManagementConfig;
import dev.reverb.server.listener.Listeners;
import dev.reverb.server.metrics.ServerMeters;
import dev.reverb.server.transport.BindFailure;
import dev.reverb.server.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code /livez}, {@code /readyz} and {@code /metrics}. */
public final class ManagementServer implements AutoCloseable {

    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private final HttpServer http;
    private final ServerMeters meters;
    private final Transport transport;
    private final Channels channels;
    private final Listeners listeners;
    private final Cluster cluster;
    private @Nullable Metrics metrics;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * Binds and serves.
     *
     * @param unready why no new connections should come here, empty when they should
     * @throws IOException when the address cannot be bound; the message names it
     */
    public ManagementServer(ManagementConfig config, Supplier<Optional<String>> unready, ServerMeters meters,
            Transport transport, Channels channels, Listeners listeners, Cluster cluster) throws IOException {
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
        http.createContext("/metrics", exchange -> {
            String accept = exchange.getRequestHeaders().getFirst("Accept");
            String type = accept != null && accept.contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
            answer(exchange, 200, type, metrics().scrape(type));
        });
        http.start();
    }

    private synchronized Metrics metrics() {
        if (metrics == null) {
            metrics = new Metrics(meters, transport, channels, listeners, cluster);
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
