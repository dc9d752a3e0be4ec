package dev.reverb.server.management;

import dev.reverb.server.app.AppRegistry;
import dev.reverb.server.channel.Channels;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.ServerConfig.ManagementConfig;
import dev.reverb.server.listener.Listeners;
import dev.reverb.server.management.ManagementHandler.Page;
import dev.reverb.server.metrics.ServerMeters;
import dev.reverb.server.transport.BindFailure;
import dev.reverb.server.transport.Transport;
import dev.reverb.server.webhook.send.WebhookSender;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import java.io.IOException;
import java.net.InetSocketAddress;
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

    private final ManagementListener listener;
    private final Liveness liveness;
    private final ServerMeters meters;
    private final Transport transport;
    private final Channels channels;
    private final Listeners listeners;
    private final Cluster cluster;
    private final WebhookSender webhooks;
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
            ServerMeters meters, Transport transport, Channels channels, Listeners listeners, Cluster cluster,
            WebhookSender webhooks) throws IOException {
        ManagementConfig config = server.management();
        Instant started = Instant.now();
        this.apps = apps;
        this.status = () -> new StatusPage(server, apps, channels, cluster, meters, transport.previousSecrets(),
                unready, started);
        this.cluster = cluster;
        this.webhooks = webhooks;
        this.meters = meters;
        this.transport = transport;
        this.channels = channels;
        this.listeners = listeners;
        liveness = new Liveness(transport, Liveness.SILENCE);
        try {
            listener = new ManagementListener(new InetSocketAddress(config.host(), config.port()),
                    new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline()
                                    .addLast(new ManagementHandler(
                                            (path, query, accept) -> page(path, query, accept, unready), threads));
                        }
                    });
        } catch (IOException e) {
            threads.shutdownNow();
            throw new IOException("cannot listen on " + config.host() + ":" + config.port() + " for management: "
                    + BindFailure.say(e, config.port(), "REVERB_MANAGEMENT_HOST", "REVERB_MANAGEMENT_PORT"), e);
        }
    }

    private Page page(String path, String query, String accept, Supplier<Optional<String>> unready) {
        return switch (path) {
            case "/livez" -> health(liveness.problem());
            case "/readyz" -> health(unready.get());
            case "/metrics" -> {
                String type = accept.contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
                yield new Page(200, type, metrics().scrape(type));
            }
            case "/status" -> new Page(200, "application/json", status().render(!"apps=false".equals(query)));
            default -> Page.text(404, "there is nothing here; there are /livez, /readyz, /status and /metrics");
        };
    }

    private static Page health(Optional<String> problem) {
        return Page.text(problem.isEmpty() ? 200 : 503, problem.orElse("ok"));
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
            metrics = new Metrics(meters, transport, channels, listeners, cluster, apps, webhooks);
        }
        return metrics;
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return listener.address();
    }

    @Override
    public void close() {
        listener.close();
        threads.shutdownNow();
        synchronized (this) {
            if (metrics != null) {
                metrics.close();
            }
        }
    }
}
