package dev.reverb.server.cluster.nodes;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.nodes.Ledger.Answer;
import dev.reverb.server.cluster.nodes.Ledger.Entry;
import dev.reverb.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Publishes numbers at a steady rate, to all channels in turn. A channel's messages go through one connection to one
 * node
 * for as long as that node is there: what is published so has an order.
 */
final class ApiPublisher implements AutoCloseable {

    private static final int LANES = 8;

    private final Ledger ledger;
    private final List<ServerNode> nodes;
    private final int channels;
    private final ScheduledExecutorService timer = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());
    private final Map<ServerNode, Lane[]> lanes = new ConcurrentHashMap<>();
    private final AtomicInteger unanswered = new AtomicInteger();
    private int next;

    /** @param nodes where to publish, now; changed as nodes come and go */
    ApiPublisher(Ledger ledger, CopyOnWriteArrayList<ServerNode> nodes, int channels, int perSecond) {
        this.ledger = ledger;
        this.nodes = nodes;
        this.channels = channels;
        timer.scheduleAtFixedRate(this::publish, 0, 1_000_000L / perSecond, TimeUnit.MICROSECONDS);
    }

    static String channel(int number) {
        return "c-" + number;
    }

    private void publish() {
        List<ServerNode> now = List.copyOf(nodes);
        if (now.isEmpty()) {
            return;
        }
        int channel = next++ % channels;
        ServerNode node = now.get(channel % now.size());
        Entry entry = ledger.add(channel, node);
        unanswered.incrementAndGet();
        Lane[] all = lanes.computeIfAbsent(node, n -> {
            Lane[] made = new Lane[LANES];
            for (int i = 0; i < LANES; i++) {
                made[i] = new Lane(n);
            }
            return made;
        });
        all[channel % LANES].queue.add(entry);
    }

    /** How many are not answered yet. */
    int unanswered() {
        return unanswered.get();
    }

    /** One connection; sends the next when the last is answered. */
    private final class Lane {
        final LinkedBlockingQueue<Entry> queue = new LinkedBlockingQueue<>();
        private final ApiConnection connection;

        Lane(ServerNode node) {
            connection = new ApiConnection(node.port());
            Thread.ofVirtual().start(this::run);
        }

        private void run() {
            try {
                while (true) {
                    Entry entry = queue.take();
                    entry.sentAt = System.nanoTime();
                    String body = "{\"name\":\"m\",\"channel\":\"" + channel(entry.channel) + "\",\"data\":\""
                            + entry.id + "\"}";
                    entry.answer = switch (connection.publish(body.getBytes(UTF_8))) {
                        case 200 -> Answer.ACKNOWLEDGED;
                        case 503 -> Answer.REFUSED;
                        default -> Answer.UNKNOWN;
                    };
                    unanswered.decrementAndGet();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends; what was handed to a connection is still sent. */
    @Override
    public void close() {
        timer.shutdownNow();
        Await.until(Duration.ofSeconds(10), () -> "a publish blocked", timer::isTerminated);
    }
}
