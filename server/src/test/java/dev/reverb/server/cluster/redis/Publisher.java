package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Publishes numbers to channels in turn, steadily, from one node, and remembers which were acknowledged. */
final class Publisher implements AutoCloseable {

    private final ScheduledExecutorService timer = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());
    private final Cluster node;
    private final String name;
    private final List<ChannelId> channels;
    private final Map<ChannelId, List<String>> accepted = new ConcurrentHashMap<>();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private int sent;
    private final AtomicInteger total = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();

    Publisher(String name, Cluster node, List<ChannelId> channels, int perSecond) {
        this.name = name;
        this.node = node;
        this.channels = channels;
        int perTick = Math.max(1, perSecond / 200);
        timer.scheduleAtFixedRate(() -> {
            for (int i = 0; i < perTick; i++) {
                publish();
            }
        }, 0, 1_000L * perTick / perSecond, TimeUnit.MILLISECONDS);
    }

    private void publish() {
        ChannelId channel = channels.get(sent % channels.size());
        String message = name + ":" + sent++;
        if (node.broker()
                .publish(List.of(Publication.of(channel, message.getBytes(UTF_8))), acknowledged::incrementAndGet)) {
            List<String> list = accepted.computeIfAbsent(channel, c -> new ArrayList<>());
            synchronized (list) {
                list.add(message);
            }
            total.incrementAndGet();
        } else {
            refused.incrementAndGet();
        }
    }

    int accepted() {
        return total.get();
    }

    int refused() {
        return refused.get();
    }

    int acknowledged() {
        return acknowledged.get();
    }

    /** Messages accepted for {@code channel}, in order. */
    List<String> accepted(ChannelId channel) {
        List<String> list = accepted.getOrDefault(channel, new ArrayList<>());
        synchronized (list) {
            return List.copyOf(list);
        }
    }

    boolean isFrom(String message) {
        return message.startsWith(name + ":");
    }

    /** Stops; what was accepted stays. */
    @Override
    public void close() {
        timer.shutdown();
        try {
            if (!timer.awaitTermination(10, TimeUnit.SECONDS)) {
                throw new AssertionError("a publish blocked");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
