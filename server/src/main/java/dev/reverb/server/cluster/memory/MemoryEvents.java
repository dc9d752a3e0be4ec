package dev.reverb.server.cluster.memory;

import dev.reverb.server.cluster.Webhooks;
import dev.reverb.server.cluster.Webhooks.Outbox;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.WebhookEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Finds what one node by itself sends to webhooks. Vacated channels and removed members wait for {@link #GRACE}: when
 * they are back within it, as when a page is loaded again, neither event is sent. Any thread; a short lock, only for
 * applications that have webhooks.
 */
final class MemoryEvents implements Outbox {

    static final Duration GRACE = Duration.ofSeconds(3);
    /** How often a channel's number of subscriptions is sent, and from how many on how seldom. */
    private static final Duration COUNTING = Duration.ofSeconds(1);
    private static final Duration COUNTING_MANY = Duration.ofSeconds(5);
    private static final int MANY = 100;

    /** Something that waits: at most one of a kind for a channel and user. */
    private record Late(WebhookEvent.Type type, ChannelId channel, String user) {}

    private final String node;
    private final ScheduledExecutorService timer = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("reverb-webhook-timer").factory());
    private volatile Webhooks webhooks = Webhooks.NONE;
    private final Set<ChannelId> occupied = new HashSet<>();
    private final Map<ChannelId, Integer> counts = new HashMap<>();
    private final Map<Late, String> late = new HashMap<>();
    private long number;

    MemoryEvents(String node) {
        this.node = node;
    }

    void serve(Webhooks served) {
        webhooks = served;
    }

    @Override
    public boolean wants(String app, WebhookEvent.Type type) {
        return webhooks.wanted(app, type);
    }

    @Override
    public synchronized void append(ChannelId subject, WebhookEvent.Type type, String more) {
        deliver(id(), type, subject, "", more);
    }

    void count(ChannelId channel, int subscriptions) {
        if (webhooks.any()) {
            count(channel, subscriptions, webhooks.wanted(channel.app()));
        }
    }

    private synchronized void count(ChannelId channel, int subscriptions, int wanted) {
        if ((wanted & WebhookEvent.Type.SHARED) == 0) {
            return;
        }
        if (subscriptions > 0 && occupied.add(channel) && !undone(WebhookEvent.Type.CHANNEL_VACATED, channel, "")) {
            deliver(id(), WebhookEvent.Type.CHANNEL_OCCUPIED, channel, "", "");
        } else if (subscriptions == 0 && occupied.remove(channel)) {
            later(WebhookEvent.Type.CHANNEL_VACATED, channel, "", GRACE);
        }
        if (subscriptions == 0) {
            counts.remove(channel);
        } else if ((wanted & WebhookEvent.Type.SUBSCRIPTION_COUNT.bit()) != 0
                && !channel.name().startsWith("presence-")) {
            counts.put(channel, subscriptions);
            later(WebhookEvent.Type.SUBSCRIPTION_COUNT, channel, "", subscriptions > MANY ? COUNTING_MANY : COUNTING);
        }
    }

    void join(ChannelId channel, String user) {
        if (webhooks.any() && (webhooks.wanted(channel.app()) & WebhookEvent.Type.SHARED) != 0) {
            synchronized (this) {
                if (!undone(WebhookEvent.Type.MEMBER_REMOVED, channel, user)) {
                    deliver(id(), WebhookEvent.Type.MEMBER_ADDED, channel, user, "");
                }
            }
        }
    }

    void leave(ChannelId channel, String user) {
        if (webhooks.any() && (webhooks.wanted(channel.app()) & WebhookEvent.Type.SHARED) != 0) {
            synchronized (this) {
                later(WebhookEvent.Type.MEMBER_REMOVED, channel, user, GRACE);
            }
        }
    }

    private boolean undone(WebhookEvent.Type type, ChannelId channel, String user) {
        return late.remove(new Late(type, channel, user)) != null;
    }

    private void later(WebhookEvent.Type type, ChannelId channel, String user, Duration wait) {
        Late key = new Late(type, channel, user);
        String id = id();
        if (late.putIfAbsent(key, id) == null && !timer.isShutdown()) {
            var _ = timer.schedule(() -> due(key, id), wait.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void due(Late what, String id) {
        if (late.remove(what, id)) {
            deliver(what, id);
        }
    }

    private void deliver(Late what, String id) {
        Integer count = counts.get(what.channel);
        if (what.type != WebhookEvent.Type.SUBSCRIPTION_COUNT) {
            deliver(id, what.type, what.channel, what.user, "");
        } else if (count != null) {
            deliver(id, what.type, what.channel, "", "\"subscription_count\":" + count);
        }
    }

    private void deliver(String id, WebhookEvent.Type type, ChannelId subject, String user, String more) {
        webhooks.deliver(new WebhookEvent(id, type, subject, user, more), () -> {});
    }

    private String id() {
        return node + "-" + ++number;
    }

    /** Nobody comes back: what waits happens now. */
    synchronized void close() {
        timer.shutdownNow();
        List<Map.Entry<Late, String>> rest = new ArrayList<>(late.entrySet());
        rest.sort(Map.Entry.comparingByKey((a, b) -> b.type.compareTo(a.type))); // members before their channels
        rest.forEach(waiting -> deliver(waiting.getKey(), waiting.getValue()));
        late.clear();
    }
}
