package dev.reverb.server.management;

import dev.reverb.server.app.AppRegistry;
import dev.reverb.server.channel.AppChannels;
import dev.reverb.server.channel.Channels;
import dev.reverb.server.protocol.ChannelKind;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterStatistics;
import dev.reverb.server.cluster.Histories;
import dev.reverb.server.listener.Listeners;
import dev.reverb.server.metrics.Latency;
import dev.reverb.server.metrics.LoopMeters;
import dev.reverb.server.metrics.MessageCounts;
import dev.reverb.server.metrics.Meter;
import dev.reverb.server.metrics.ServerMeters;
import dev.reverb.server.transport.Transport;
import dev.reverb.server.transport.loop.LoopContext;
import dev.reverb.server.transport.websocket.LoopConnections;
import dev.reverb.server.resume.Replay.Outcome;
import dev.reverb.server.webhook.send.EndpointMeters;
import dev.reverb.server.webhook.send.WebhookSender;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.netty4.NettyAllocatorMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The scrape page. Made at the first scrape, so that a server that nobody scrapes pays nothing for it; every value is
 * read
 * from the counters that the server keeps anyway. One scrape at a time.
 */
final class Metrics implements AutoCloseable {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ServerMeters meters;
    private final List<LoopContext> loops;
    private final Channels channels;
    private final WebhookSender webhooks;
    private final Cluster cluster;
    private final Set<String> bound = new HashSet<>();
    /** Whose meters are bound. */
    private final Map<String, AppChannels> boundApps = new HashMap<>();
    private final JvmGcMetrics gc = new JvmGcMetrics();

    Metrics(ServerMeters meters, Transport transport, Channels channels, Listeners listeners, Cluster cluster,
            AppRegistry apps, WebhookSender webhooks) {
        this.meters = meters;
        this.channels = channels;
        this.webhooks = webhooks;
        this.cluster = cluster;
        counter(Meter.WEBHOOK_OVERFLOW, Tags.empty(), webhooks, WebhookSender::overflow);
        loops = transport.loops().stream().map(LoopConnections::loop).toList();
        counter(Meter.CONNECTIONS_OPENED, Tags.empty(), meters, m -> m.opened().sum());
        counter(Meter.CONNECTIONS_PRUNED, Tags.empty(), meters, m -> m.pruned().sum());
        counter(Meter.SLOW_READERS, Tags.empty(), meters, m -> m.slowReaders().sum());
        counter(Meter.PUBLICATIONS, Tags.empty(), meters, m -> m.publications().sum());
        counter(Meter.DRAIN_CUT, Tags.empty(), meters, m -> m.drainCut().sum());
        counter(Meter.BYTES_IN, Tags.empty(), loops, all -> sum(all, LoopMeters::bytesIn));
        counter(Meter.BYTES_OUT, Tags.empty(), loops, all -> sum(all, LoopMeters::bytesOut));
        counter(Meter.TAIL_LINES_MISSED, Tags.empty(), meters, m -> m.tailLinesMissed().sum());
        gauge(Meter.TAILS, Tags.empty(), meters, m -> m.tails().get());
        counter(Meter.LISTENER_EVENTS_DROPPED, Tags.empty(), listeners, Listeners::dropped);
        gauge(Meter.SOCKETS, Tags.empty(), meters, m -> m.sockets().get());
        gauge(Meter.REQUEST_BYTES, Tags.empty(), meters, m -> m.requestBytes().get());
        gauge(Meter.DRAIN_ACTIVE, Tags.empty(), meters, m -> m.draining().get());
        gauge(Meter.DRAIN_REMAINING, Tags.empty(), meters, m -> m.drainRemaining().get());
        gauge(Meter.REBALANCE_ACTIVE, Tags.empty(), meters, m -> m.rebalancing().get());
        counter(Meter.REBALANCE_MOVED, Tags.empty(), meters, m -> m.rebalanceMoved().sum());
        counter(Meter.RELOADS_FAILED, Tags.empty(), meters, m -> m.reloadsFailed().sum());
        gauge(Meter.APPS_REFUSED, Tags.empty(), apps, registered -> registered.state().refused().size());
        gauge(Meter.SETTINGS_STALE, Tags.empty(), meters, m -> m.settingsStale().get());
        gauge(Meter.CERTIFICATE_STALE, Tags.empty(), meters, m -> m.certificateStale().get());
        gauge(Meter.CERTIFICATE_EXPIRES, Tags.empty(), meters, m -> m.certificateExpires().get());
        for (int i = 0; i < loops.size(); i++) {
            Tags tag = Tags.of(Meter.LOOP_LAG_SECONDS.tag(), String.valueOf(i));
            gauge(Meter.LOOP_LAG_SECONDS, tag, loops.get(i), loop -> loop.meters().lagNanos() / 1e9);
            counter(Meter.LOOP_FAULTS, tag, loops.get(i), loop -> loop.meters().faults());
            gauge(Meter.LOOP_BACKLOG_BYTES, tag, loops.get(i), loop -> loop.channels().backlogBytes());
        }
        for (ChannelKind kind : ChannelKind.values()) {
            gauge(Meter.CHANNELS, Tags.of(Meter.CHANNELS.tag(), kind.tag()), channels, all -> all.count(kind));
        }
        for (String outcome : Outcome.names()) {
            FunctionCounter.builder(Meter.RESUMES.meterName(), channels, all -> all.resumes(outcome))
                    .description(Meter.RESUMES.description())
                    .tags(Tags.of(Meter.RESUMES.tag(), outcome))
                    .register(registry);
        }
        histogram(Meter.PUBLISH_SECONDS, LoopMeters::publish);
        histogram(Meter.FAN_OUT_SECONDS, LoopMeters::fanOut);
        if (cluster.meters().isPresent()) {
            scaling(cluster);
        }
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        gc.bindTo(registry);
        new NettyAllocatorMetrics(transport.allocator()).bindTo(registry);
    }

    private void scaling(Cluster cluster) {
        gauge(Meter.REDIS_CONNECTED, cluster, s -> s.linkUp() ? 1 : 0);
        gauge(Meter.SCALING_NODES, cluster, ClusterStatistics::nodes);
        gauge(Meter.SCALING_HELD, cluster, ClusterStatistics::heldBytes);
        gauge(Meter.SCALING_RETAINED, cluster, ClusterStatistics::retainedBytes);
        gauge(Meter.SCALING_LAGGING, cluster, ClusterStatistics::laggingPartitions);
        gauge(Meter.SCALING_LAG_BYTES, cluster, ClusterStatistics::backlogBytes);
        counter(Meter.SCALING_OUTAGES, cluster, ClusterStatistics::outages);
        counter(Meter.SCALING_COMMANDS, cluster, ClusterStatistics::commands);
        counter(Meter.SCALING_PUBLISHED, cluster, ClusterStatistics::published);
        counter(Meter.SCALING_RECEIVED, cluster, ClusterStatistics::received);
        counter(Meter.SCALING_DUPLICATES, cluster, ClusterStatistics::duplicates);
        counter(Meter.SCALING_RECOVERIES, cluster, ClusterStatistics::recoveries);
        counter(Meter.SCALING_RECOVERED, cluster, ClusterStatistics::recovered);
        counter(Meter.SCALING_HISTORIES, cluster, ClusterStatistics::histories);
        counter(Meter.SCALING_REPLAYED, cluster, ClusterStatistics::replayed);
        counter(Meter.SCALING_REFUSED, cluster, ClusterStatistics::refused);
        counter(Meter.SCALING_OVER_SHARE, cluster, ClusterStatistics::overShare);
        gauge(Meter.SCALING_LOG_BYTES, cluster, ClusterStatistics::logBytes);
        counter(Meter.SCALING_REAPED, cluster, ClusterStatistics::reaped);
        counter(Meter.SCALING_LAPSED, cluster, ClusterStatistics::lapsed);
        counter(Meter.SCALING_SKIPPED, cluster, ClusterStatistics::skipped);
        gauge(Meter.SCALING_STALLED, cluster, ClusterStatistics::stalledPartitions);
        counter(Meter.SCALING_SET_ASIDE, cluster, ClusterStatistics::setAside);
        for (String code : cluster.meters().map(s -> s.errors().keySet()).orElse(Set.of())) {
            counter(Meter.REDIS_ERRORS, Tags.of(Meter.REDIS_ERRORS.tag(), code), cluster,
                    c -> c.meters().map(s -> s.errors().getOrDefault(code, 0L).doubleValue()).orElse(0.0));
        }
    }

    private void gauge(Meter meter, Cluster cluster, ToDoubleFunction<ClusterStatistics> value) {
        gauge(meter, Tags.empty(), cluster, c -> c.meters().map(value::applyAsDouble).orElse(0.0));
    }

    private void counter(Meter meter, Cluster cluster, ToDoubleFunction<ClusterStatistics> value) {
        counter(meter, Tags.empty(), cluster, c -> c.meters().map(value::applyAsDouble).orElse(0.0));
    }

    private static double sum(List<LoopContext> loops, Function<LoopMeters, Long> value) {
        long sum = 0;
        for (LoopContext loop : loops) {
            sum += value.apply(loop.meters());
        }
        return sum;
    }

    private <T> void counter(Meter meter, Tags tags, T source, ToDoubleFunction<T> value) {
        FunctionCounter.builder(meter.meterName(), source, value)
                .tags(tags)
                .description(meter.description())
                .register(registry);
    }

    private <T> void gauge(Meter meter, Tags tags, T source, ToDoubleFunction<T> value) {
        Gauge.builder(meter.meterName(), source, value)
                .tags(tags)
                .description(meter.description())
                .strongReference(true)
                .register(registry);
    }

    private void histogram(Meter meter, Function<LoopMeters, Latency> latency) {
        registry.getPrometheusRegistry().register(new Collector() {
            @Override
            public MetricSnapshot collect() {
                double[] bounds = bounds(latency.apply(loops.getFirst().meters()));
                long[] counts = new long[bounds.length];
                double sum = 0;
                for (LoopContext loop : loops) {
                    Latency part = latency.apply(loop.meters());
                    for (int i = 0; i < counts.length; i++) {
                        counts[i] += part.count(i);
                    }
                    sum += part.sum() / 1e9;
                }
                return HistogramSnapshot.builder()
                        .name(meter.prometheusName())
                        .help(meter.description())
                        .dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                                .sum(sum)
                                .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, counts))
                                .build())
                        .build();
            }
        });
    }

    private static double[] bounds(Latency latency) {
        long[] nanos = latency.bounds();
        double[] bounds = new double[nanos.length + 1];
        for (int i = 0; i < nanos.length; i++) {
            bounds[i] = nanos[i] / 1e9;
        }
        bounds[nanos.length] = Double.POSITIVE_INFINITY;
        return bounds;
    }

    private void unbind(String app) {
        for (Meter meter : List.of(Meter.CONNECTIONS, Meter.MESSAGES_IN, Meter.MESSAGES_OUT)) {
            registry.find(meter.meterName()).tag(meter.tag(), app).meters().forEach(registry::remove);
        }
    }

    /** The page, in the format that {@code accept} asks for. */
    synchronized String scrape(String accept) {
        for (AppChannels app : channels.all()) {
            if (boundApps.put(app.id(), app) != app) { // one that came back counts from zero
                unbind(app.id());
                gauge(Meter.CONNECTIONS, Tags.of(Meter.CONNECTIONS.tag(), app.id()), app, AppChannels::connections);
                counter(Meter.MESSAGES_IN, Tags.of(Meter.MESSAGES_IN.tag(), app.id()), app.messages(),
                        MessageCounts::fromClients);
                counter(Meter.MESSAGES_OUT, Tags.of(Meter.MESSAGES_OUT.tag(), app.id()), app.messages(),
                        MessageCounts::sent);
            }
        }
        bindHistories();
        boundApps.keySet().removeIf(id -> {
            boolean gone = channels.of(id) == null;
            if (gone) {
                unbind(id);
            }
            return gone;
        });
        bindWebhooks();
        bindNew(Meter.CONNECTIONS_CLOSED, meters.closed());
        bindNew(Meter.API_RESPONSES, meters.responses());
        bindNew(Meter.REJECTIONS, meters.rejections());
        return registry.scrape(accept);
    }

    private void bindHistories() {
        for (String app : cluster.histories().usage().keySet()) {
            if (bound.add("history " + app)) {
                Tags tag = Tags.of(Meter.HISTORY_BYTES.tag(), app);
                Histories.Usage none = new Histories.Usage(0, 0);
                gauge(Meter.HISTORY_BYTES, tag, cluster.histories(),
                        histories -> histories.usage().getOrDefault(app, none).bytes());
                counter(Meter.HISTORY_DROPPED, tag, cluster.histories(),
                        histories -> histories.usage().getOrDefault(app, none).dropped());
            }
        }
    }

    /** Of endpoints as they are configured; one that took the place of another counts on from where that was. */
    private void bindWebhooks() {
        for (EndpointMeters endpoint : webhooks.meters()) {
            String app = endpoint.app();
            int place = endpoint.endpoint();
            if (bound.add("webhook " + place + " " + app)) {
                Tags tags = Tags.of("app", app, "endpoint", String.valueOf(place));
                counter(Meter.WEBHOOK_DELIVERED, tags, webhooks, w -> w.count(app, place, EndpointMeters::delivered));
                counter(Meter.WEBHOOK_FAILED, tags, webhooks, w -> w.count(app, place, EndpointMeters::failed));
                counter(Meter.WEBHOOK_DROPPED, tags, webhooks, w -> w.count(app, place, EndpointMeters::dropped));
                gauge(Meter.WEBHOOK_WAITING, tags, webhooks, w -> w.count(app, place, EndpointMeters::waiting));
            }
        }
    }

    private void bindNew(Meter meter, Map<?, LongAdder> counts) {
        List<Map.Entry<?, LongAdder>> entries = new ArrayList<>(counts.entrySet());
        for (Map.Entry<?, LongAdder> entry : entries) {
            String value = String.valueOf(entry.getKey()).toLowerCase(Locale.ROOT);
            if (bound.add(meter.name() + " " + value)) {
                counter(meter, Tags.of(meter.tag(), value), entry.getValue(), LongAdder::sum);
            }
        }
    }

    @Override
    public void close() {
        gc.close();
        registry.close();
    }
}
