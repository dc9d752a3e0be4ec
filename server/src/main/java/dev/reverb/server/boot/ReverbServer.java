package dev.reverb.server.boot;

import dev.reverb.model.App;
import dev.reverb.server.api.Api;
import dev.reverb.server.app.AppChange;
import dev.reverb.server.app.AppRegistry;
import dev.reverb.server.channel.AppChannels;
import dev.reverb.server.channel.ChannelListener;
import dev.reverb.server.channel.Channels;
import dev.reverb.server.channel.LocalCounts;
import dev.reverb.server.cluster.Backlog;
import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.cluster.memory.MemoryCluster;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.redis.RedisCluster;
import dev.reverb.server.config.ScalingConfig;
import dev.reverb.server.config.ScalingConfig.RedisConfig;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.ServerConfig.DrainConfig;
import dev.reverb.server.lifecycle.AppDepartures;
import dev.reverb.server.lifecycle.Drain;
import dev.reverb.server.lifecycle.DrainReport;
import dev.reverb.server.lifecycle.Rebalance;
import dev.reverb.server.listener.DebugStream;
import dev.reverb.server.listener.Listeners;
import dev.reverb.server.listener.ReverbEvent;
import dev.reverb.server.listener.ReverbListener;
import dev.reverb.server.management.ManagementServer;
import dev.reverb.server.metrics.ServerMeters;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.tail.Notes;
import dev.reverb.server.transport.Transport;
import dev.reverb.server.transport.loop.NodeContext;
import dev.reverb.server.transport.websocket.LoopConnections;
import dev.reverb.server.watchlist.Watchlists;
import dev.reverb.server.webhook.send.HostResolver;
import dev.reverb.server.webhook.send.WebhookSender;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A running server. {@link #start} returns when it accepts connections; {@link #drain} sends its clients elsewhere;
 * {@link #close} ends it. All methods may be called from any thread.
 */
public final class ReverbServer implements AutoCloseable {

    /** How long a drain takes where other nodes serve and no duration is set. */
    private static final Duration DEFAULT_DRAIN = Duration.ofSeconds(60);

    /** How long clients are better off on other nodes, while a new one makes its first link. */
    private static final Duration FIRST_LINK = Duration.ofSeconds(15);

    private final ServerConfig config;
    private final Channels channels;
    private final Cluster cluster;
    private final WebhookSender webhooks;
    private final Listeners listeners;
    private final ServerMeters meters = new ServerMeters();
    private final Transport transport;
    private final MessageReports messageReports;
    private final ManagementServer management;
    private final AtomicReference<@Nullable ProtocolError> draining = new AtomicReference<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CompletableFuture<DrainReport> drained = new CompletableFuture<>();
    private volatile @Nullable Drain underWay;
    private final long startedAt = System.nanoTime();

    private ReverbServer(ServerConfig config, AppRegistry apps, Options options) throws IOException {
        this.config = config;
        Thread early = EarlyUse.begin();
        List<ReverbListener> installed = new ArrayList<>(options.listeners);
        if (config.debug()) {
            installed.add(new DebugStream());
        }
        listeners = new Listeners(installed);
        transport = new Transport(config, listeners.any());
        channels = new Channels(apps, channelListener(), this::carryOut);
        Notes notes = new Notes(listeners, apps, id -> {
            AppChannels of = channels.of(id);
            return of == null ? null : of.tail();
        }, meters);
        Watchlists watchlists = new Watchlists(channels, transport.loops().getFirst().loop().eventLoop());
        Rebalance rebalance = new Rebalance(config.rebalance(), config.drain().notice(), transport.loops(),
                this::connections, () -> draining.get() != null, meters);
        cluster = config.scaling().enabled()
                ? options.scaled.start(config.scaling(), watchlists, transport.backlog(), rebalance)
                : new MemoryCluster(watchlists, new LocalCounts(channels));
        cluster.histories().bound(config.limits().historyMemory(), config.limits().historyMemoryPerApp());
        channels.join(cluster);
        watchlists.join(cluster);
        webhooks = new WebhookSender(apps, config.webhooks(), notes::note, HostResolver.SYSTEM, null);
        cluster.serve(webhooks);
        messageReports = new MessageReports(channels, cluster.state());
        var _ = transport.loops()
                .getFirst()
                .loop()
                .eventLoop()
                .scheduleAtFixedRate(messageReports, MessageReports.INTERVAL_MILLIS, MessageReports.INTERVAL_MILLIS,
                        TimeUnit.MILLISECONDS);
        channels.bound(transport.loops().stream().map(loop -> loop.loop().channels()).toList(),
                Runtime.getRuntime().maxMemory() / 8);
        apps.onChange(new AppDepartures(apps, transport.loops(), config.appRemovalGrace())::changed);
        apps.onChange(change -> {
            switch (change) {
                case AppChange.Added _ -> {
                }
                case AppChange.Changed(App before, App after) -> {
                    List<String> gone = new ArrayList<>(before.secrets());
                    gone.removeAll(after.secrets());
                    transport.previousSecrets().forget(gone);
                }
                case AppChange.Removed(App app) -> transport.previousSecrets().forget(app.secrets());
            }
        });
        int set = config.limits().maxConnections();
        int maxConnections = set > 0 ? Math.min(set, options.maxConnections) : options.maxConnections;
        NodeContext node = new NodeContext(config, apps, channels, watchlists, cluster, listeners, notes, meters,
                maxConnections, draining);
        Api api = new Api(config, apps, channels, cluster, meters, this::terminate, this::drain, notes);
        try {
            management = new ManagementServer(config, apps, this::unready, meters, transport, channels, listeners,
                    cluster, webhooks);
        } catch (IOException e) {
            end();
            throw e;
        }
        try {
            early.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            transport.listen(node, api, options.tls);
        } catch (IOException e) {
            management.close();
            end();
            throw e;
        }
    }

    /** Starts the link to the other nodes. */
    @FunctionalInterface
    public interface ClusterFactory {

        /** Starts it, and returns at once. */
        Cluster start(ScalingConfig config, ClusterEvents events, Backlog backlog, Balance balance);
    }

    /**
     * What a server may be started with besides its configuration.
     *
     * @param tls the TLS context for the next connection, or null for plain text
     * @param listeners called for the five events
     * @param maxConnections sockets that this process can serve at one time; a lower {@code limits.max_connections}
     *     binds
     * @param scaled starts the link to the other nodes, where scaling is on
     */
    public record Options(
            @Nullable Supplier<SslContext> tls,
            List<ReverbListener> listeners,
            int maxConnections,
            ClusterFactory scaled) {

        /** With Redis between the nodes. */
        public Options(@Nullable Supplier<SslContext> tls, List<ReverbListener> listeners, int maxConnections) {
            this(tls, listeners, maxConnections, RedisCluster::start);
        }

        /** Plain text, the listeners on the class path, and as many connections as come. */
        public static Options defaults() {
            return new Options(null, Listeners.installed(), Integer.MAX_VALUE);
        }
    }

    /**
     * Starts a server, with {@link Options#defaults}.
     *
     * @throws IOException when an address cannot be bound; the message names it
     */
    public static ReverbServer start(ServerConfig config, AppRegistry apps) throws IOException {
        return start(config, apps, Options.defaults());
    }

    /**
     * Starts a server.
     *
     * @throws IOException when an address cannot be bound; the message names it
     */
    public static ReverbServer start(ServerConfig config, AppRegistry apps, Options options) throws IOException {
        return new ReverbServer(config, apps, options);
    }

    /** Where clients connect. */
    public InetSocketAddress address() {
        return transport.address();
    }

    /** Where back ends send their requests. */
    public InetSocketAddress apiAddress() {
        return transport.apiAddress();
    }

    /** Where health and metrics are served. */
    public InetSocketAddress managementAddress() {
        return management.address();
    }

    /** Whether it takes new connections, and should be sent some. */
    public boolean ready() {
        return unready().isEmpty();
    }

    private Optional<String> unready() {
        if (draining.get() != null || closed.get()) {
            return Optional.of("draining");
        }
        if (cluster.linkUp()) {
            return Optional.empty();
        }
        boolean starting = System.nanoTime() - startedAt < FIRST_LINK.toNanos()
                && cluster.meters().map(link -> link.outages() == 0).orElse(false);
        return config.scaling().readyWhenDown() && !starting ? Optional.empty()
                : Optional.of(cluster.trouble().orElse("Redis is not reached" + (starting ? " yet" : "")));
    }

    /**
     * Takes no new connections, goes on to answer the API, and closes all connections, paced when a duration is
     * configured or other nodes serve, else all together. Where others serve it is with 4200, which brings clients back
     * at once; otherwise with 4100, which brings them back after a second, when a successor listens, and whoever comes
     * back before this process has ended is held until then. A second call returns the same future.
     */
    public CompletableFuture<DrainReport> drain() {
        DrainConfig drain = config.drain();
        boolean others = cluster.othersServe();
        Duration duration = drain.duration().orElse(others ? DEFAULT_DRAIN : Duration.ZERO);
        ProtocolError reason = others ? ProtocolError.RECONNECT : ProtocolError.RETURN_LATER;
        if (draining.compareAndSet(null, reason)) {
            Drain begun = new Drain(transport.loops(), meters, reason);
            underWay = begun;
            var _ = begun.run(drain, duration).thenAccept(drained::complete);
        }
        return drained;
    }

    /** Reaches the other nodes' Redis by {@code config} as soon as that works; until then as before. Any thread. */
    public void redisChanged(RedisConfig config) {
        if (cluster instanceof RedisCluster redis) {
            redis.redisChanged(config);
        }
    }

    /** Its counters, for those who count something beside it. */
    public ServerMeters meters() {
        return meters;
    }

    /** Completes when a drain has ended, whoever began it. */
    public CompletableFuture<DrainReport> drained() {
        return drained;
    }

    /** Ends it at once. A drain that is under way ends with it, and what it had not closed yet counts as cut. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            end();
            management.close();
        }
    }

    private void end() {
        transport.close();
        Drain brokenOff = underWay;
        if (brokenOff != null) {
            drained.complete(brokenOff.brokenOff());
        }
        messageReports.run();
        cluster.close(draining.get() == ProtocolError.RECONNECT ? config.drain().presenceLinger() : Duration.ZERO);
        webhooks.close();
        listeners.close();
    }

    private int connections() {
        int connections = 0;
        for (AppChannels app : channels.all()) {
            connections += app.connections();
        }
        return connections;
    }

    private ChannelListener channelListener() {
        if (!listeners.any()) {
            return ChannelListener.NONE;
        }
        return new ChannelListener() {
            @Override
            public void created(String app, String channel) {
                listeners.emit(new ReverbEvent.ChannelCreated(app, channel));
            }

            @Override
            public void removed(String app, String channel) {
                listeners.emit(new ReverbEvent.ChannelRemoved(app, channel));
            }
        };
    }

    private void carryOut(Control control) {
        switch (control) {
            case Control.TerminateUser(String app, String userId) -> {
                var _ = terminate(app, userId);
            }
            case Control.Restart _ -> drain();
        }
    }

    private CompletableFuture<Void> terminate(String app, String userId) {
        return CompletableFuture.allOf(transport.loops()
                .stream()
                .map(loop -> loop.terminate(app, userId).toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    }
}
