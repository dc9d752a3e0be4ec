package dev.reverb.server.webhook.send;

import dev.reverb.model.App;
import dev.reverb.model.WebhookEndpoint;
import dev.reverb.server.cluster.message.WebhookEvent;
import dev.reverb.server.config.ServerConfig.WebhookConfig;
import dev.reverb.server.webhook.EndpointFilter;
import dev.reverb.server.webhook.RetryDelay;
import dev.reverb.server.webhook.WebhookBody;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits for one endpoint, in order. One request is under way at a time, with as much as had gathered when it
 * began. A request that fails is sent again, the same events under the same ids, until its oldest event is too old;
 * then it is dropped, and with it all that waits for as long. {@link #offer} may be called by any thread; all else is
 * on its event loop.
 */
final class EndpointQueue {

    private static final Logger LOG = LoggerFactory.getLogger("reverb.webhook");
    private static final int MOST_BYTES = 512 * 1024;
    private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(10);

    private record Waiting(WebhookEvent event, long since, Runnable done) {}

    final WebhookEndpoint endpoint;
    final EndpointFilter filter;
    final EndpointMeters meters;
    private final Supplier<@Nullable App> app;
    private final WebhookConfig config;
    private final EventLoop loop;
    private final WebhookConnection connection;
    private final BiConsumer<String, String> debug;
    private final AtomicLong bytes = new AtomicLong();

    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private List<Waiting> batch = List.of();
    private int failures;
    private boolean sending;
    private boolean ended;
    private long loggedAt = System.nanoTime() - LOG_NANOS;

    EndpointQueue(WebhookEndpoint endpoint, EndpointMeters meters, Supplier<@Nullable App> app, WebhookConfig config,
            EventLoop loop, WebhookConnection.Shared shared, BiConsumer<String, String> debug) {
        this.endpoint = endpoint;
        this.filter = new EndpointFilter(endpoint);
        this.meters = meters;
        this.app = app;
        this.config = config;
        this.loop = loop;
        this.connection = new WebhookConnection(loop, endpoint.url(), shared);
        this.debug = debug;
    }

    /** Takes {@code event}, or drops it when too much waits; {@code done} runs once. Any thread. */
    void offer(WebhookEvent event, Runnable done) {
        if (bytes.addAndGet(event.size()) > config.queueSize()) {
            bytes.addAndGet(-event.size());
            loop.execute(() -> {
                dropped(1, "more than webhooks.queue_size waits for it");
                done.run();
            });
            return;
        }
        meters.waiting().add(event.size());
        loop.execute(() -> {
            waiting.add(new Waiting(event, System.nanoTime(), done));
            send();
        });
    }

    /** Whether nothing waits. Any thread. */
    boolean idle() {
        return bytes.get() == 0;
    }

    /** Drops what waits. */
    void end() {
        loop.execute(() -> {
            ended = true;
            batch.forEach(this::finished);
            batch = List.of();
            waiting.forEach(this::finished);
            waiting.clear();
            connection.close();
        });
    }

    private void send() {
        if (sending || ended) {
            return;
        }
        dropOld();
        if (batch.isEmpty()) {
            gather();
        }
        App signer = app.get();
        if (batch.isEmpty() || signer == null) {
            return;
        }
        sending = true;
        byte[] body = WebhookBody.of(batch.stream().map(Waiting::event).toList(), System.currentTimeMillis());
        long began = System.nanoTime();
        connection.post(body, RequestHeaders.of(endpoint, signer, body), answer -> answered(answer, began));
    }

    private void gather() {
        List<Waiting> next = new ArrayList<>();
        int size = 0;
        while (!waiting.isEmpty() && next.size() < config.batchSize()
                && (size == 0 || size + waiting.peek().event.size() <= MOST_BYTES)) {
            Waiting first = waiting.remove();
            size += first.event.size();
            next.add(first);
        }
        batch = next;
        failures = 0;
    }

    private void answered(WebhookAnswer answer, long began) {
        sending = false;
        debug.accept(meters.app(), "webhooks[" + meters.endpoint() + "] " + endpoint + " " + batch.size() + " events: "
                + answer + " after " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) + " ms");
        if (ended) {
            return;
        }
        if (answer.delivered()) {
            meters.delivered().add(batch.size());
            batch.forEach(this::finished);
            batch = List.of();
            failures = 0;
            send();
            return;
        }
        meters.failed().increment();
        failures++;
        Optional<Waiting> oldest = batch.stream().findFirst();
        long left = oldest.map(first -> config.retryFor().toNanos() - (System.nanoTime() - first.since)).orElse(0L);
        if (left <= 0) {
            int lost = batch.size();
            batch.forEach(this::finished);
            batch = List.of();
            dropped(lost, "none of its answers within webhooks.retry_for was 2xx; the last: " + answer);
            send();
            return;
        }
        if (failures == 1) {
            log("webhooks[{}] {} of the application {} failed: {}; it is tried again", answer.toString());
        }
        loop.schedule(this::send,
                RetryDelay.after(failures, answer.retryAfter(), Duration.ofNanos(left), ThreadLocalRandom.current())
                        .toNanos(),
                TimeUnit.NANOSECONDS);
    }

    private void dropOld() {
        long oldest = System.nanoTime() - config.retryFor().toNanos();
        int lost = 0;
        while (failures > 0 && !waiting.isEmpty() && waiting.peek().since - oldest < 0) {
            finished(waiting.remove());
            lost++;
        }
        if (lost > 0) {
            dropped(lost, "they waited for longer than webhooks.retry_for");
        }
    }

    private void finished(Waiting one) {
        bytes.addAndGet(-one.event.size());
        meters.waiting().add(-one.event.size());
        one.done.run();
    }

    private void dropped(int events, String why) {
        meters.dropped().add(events);
        log("webhooks[{}] {} of the application {} loses events: {}", why);
    }

    private void log(String line, String why) {
        long now = System.nanoTime();
        if (now - loggedAt >= LOG_NANOS) {
            loggedAt = now;
            LOG.warn(line, meters.endpoint(), endpoint, meters.app(), why);
        }
    }
}
