package dev.reverb.server.webhook.send;

import dev.reverb.model.App;
import dev.reverb.model.WebhookEndpoint;
import dev.reverb.server.app.AppRegistry;
import dev.reverb.server.cluster.Webhooks;
import dev.reverb.server.cluster.message.WebhookEvent;
import dev.reverb.server.config.ServerConfig.WebhookConfig;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends events to the endpoints of all applications, as these are configured at the moment. A queue lives on while its
 * endpoint stays as it is. Nothing is started before an application has a webhook. Any thread.
 */
public final class WebhookSender implements Webhooks, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger("reverb.webhook");
    private static final Duration CLOSING = Duration.ofSeconds(3);

    private record Place(String app, int endpoint) {}

    /** The queues of one application, and bits of what they want together. */
    private record Served(List<EndpointQueue> queues, int wanted) {}

    private final AppRegistry apps;
    private final WebhookConfig config;
    private final HostResolver resolver;
    private final @Nullable SslContext tls;
    private final BiConsumer<String, String> debug;
    private final LongAdder overflowed = new LongAdder();
    private volatile Map<String, Served> served = Map.of();
    /** By place and not by endpoint: counters never fall. */
    private final Map<Place, EndpointMeters> counted = new ConcurrentHashMap<>();
    private @Nullable MultiThreadIoEventLoopGroup loops;
    private @Nullable ExecutorService resolving;
    private WebhookConnection.@Nullable Shared common;
    private final Map<String, WebhookConnection.Shared> shared = new HashMap<>();

    /**
     * @param debug receives an application's id and a line for each request
     * @param resolver finds addresses
     * @param tls how receivers are verified; null as the JDK does, with their host names
     */
    public WebhookSender(AppRegistry apps, WebhookConfig config, BiConsumer<String, String> debug,
            HostResolver resolver, @Nullable SslContext tls) {
        this.apps = apps;
        this.config = config;
        this.debug = debug;
        this.resolver = resolver;
        this.tls = tls;
        apps.onChange(_ -> configure());
        configure();
    }

    private synchronized void configure() {
        Map<String, Served> next = new HashMap<>();
        Collection<EndpointQueue> left = new ArrayList<>();
        served.values().forEach(before -> left.addAll(before.queues));
        for (App app : apps.all()) {
            if (!app.webhooks().isEmpty()) {
                Served before = served.getOrDefault(app.id(), new Served(List.of(), 0));
                List<EndpointQueue> queues = new ArrayList<>();
                int wanted = 0;
                for (int i = 0; i < app.webhooks().size(); i++) {
                    EndpointQueue queue = keptOrNew(app.id(), i, app.webhooks().get(i), before);
                    queues.add(queue);
                    left.remove(queue);
                    wanted |= queue.filter.types();
                }
                next.put(app.id(), new Served(List.copyOf(queues), wanted));
            }
        }
        served = Map.copyOf(next);
        left.forEach(EndpointQueue::end);
        shared.keySet().retainAll(next.keySet());
    }

    private EndpointQueue keptOrNew(String app, int place, WebhookEndpoint endpoint, Served before) {
        for (EndpointQueue queue : before.queues) {
            if (queue.endpoint.equals(endpoint) && queue.meters.endpoint() == place) {
                return queue;
            }
        }
        return new EndpointQueue(endpoint,
                counted.computeIfAbsent(new Place(app, place), _ -> new EndpointMeters(app, place)),
                () -> apps.byId(app), config, loops().next(), shared(app), debug);
    }

    private MultiThreadIoEventLoopGroup loops() {
        if (loops == null) {
            loops = new MultiThreadIoEventLoopGroup(2, new DefaultThreadFactory("reverb-webhook", true),
                    NioIoHandler.newFactory());
        }
        return loops;
    }

    private WebhookConnection.Shared shared(String app) {
        if (common == null) {
            resolving = HostResolver.threads();
            common = WebhookConnection.Shared.of(config, resolver, resolving, tls);
        }
        WebhookConnection.Shared of = common;
        return shared.computeIfAbsent(app, _ -> of.on(new FewAtOnce(of.resolving(), HostResolver.OF_ONE_APPLICATION)));
    }

    @Override
    public boolean any() {
        return !served.isEmpty();
    }

    @Override
    public int wanted(String app) {
        Served of = served.get(app);
        return of == null ? 0 : of.wanted;
    }

    @Override
    public void deliver(WebhookEvent event, Runnable done) {
        Served of = served.get(event.subject().app());
        List<EndpointQueue> wanting = of == null ? List.of()
                : of.queues.stream().filter(queue -> queue.filter.wants(event)).toList();
        AtomicInteger left = new AtomicInteger(wanting.size());
        if (wanting.isEmpty()) {
            done.run();
        }
        for (EndpointQueue queue : wanting) {
            queue.offer(event, () -> {
                if (left.decrementAndGet() == 0) {
                    done.run();
                }
            });
        }
    }

    @Override
    public void overflowed(long events) {
        overflowed.add(events);
        LOG.warn("{} events for webhooks were lost, as more waited than may", events);
    }

    /** Events that were lost before they came to a queue. */
    public long overflow() {
        return overflowed.sum();
    }

    /** One of an endpoint's meters; those of an application's former endpoint at this place are in it. */
    public double count(String app, int place, Function<EndpointMeters, LongAdder> which) {
        EndpointMeters of = counted.get(new Place(app, place));
        return of == null ? 0 : which.apply(of).sum();
    }

    /** Of all endpoints, as they are configured now. */
    public List<EndpointMeters> meters() {
        List<EndpointMeters> all = new ArrayList<>();
        served.values().forEach(of -> of.queues.forEach(queue -> all.add(queue.meters)));
        return all;
    }

    /** Waits a moment for what is under way, then drops the rest. Blocks at most 3 s. */
    @Override
    public void close() {
        long until = System.nanoTime() + CLOSING.toNanos();
        while (System.nanoTime() - until < 0
                && !served.values().stream().allMatch(of -> of.queues.stream().allMatch(EndpointQueue::idle))) {
            LockSupport.parkNanos(2_000_000);
        }
        synchronized (this) {
            served.values().forEach(of -> of.queues.forEach(EndpointQueue::end));
            served = Map.of();
            if (loops != null) {
                var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            }
            if (resolving != null) {
                resolving.shutdown();
            }
        }
    }
}
