package dev.reverb.server.cluster.nodes;

import dev.reverb.server.cluster.nodes.Ledger.Entry;
import dev.reverb.server.cluster.redis.LinkFault;
import dev.reverb.testkit.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Servers, clients on each that subscribe to two channels, and a publisher; at the end, whether every client that
 * stayed connected has got every acknowledged message, once, in order. A client whose server goes comes back to another
 * one.
 */
final class MessagesRun implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Path folder;
    private final int channels;
    private final Crowd crowd = new Crowd();
    private final Ledger ledger = new Ledger();
    private final CopyOnWriteArrayList<ServerNode> nodes = new CopyOnWriteArrayList<>();
    private final List<ServerNode> started = new CopyOnWriteArrayList<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final Map<Listener, Boolean> subscribed = new ConcurrentHashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private volatile boolean ending;
    private @Nullable ApiPublisher publisher;

    MessagesRun(Path folder, int channels) {
        this.folder = folder;
        this.channels = channels;
    }

    /** Starts a server, and returns at once. */
    ServerNode start(Map<String, String> settings) throws IOException {
        return start(settings, LinkFault.NONE);
    }

    /** The same with a fault in its link to Redis. */
    ServerNode start(Map<String, String> settings, LinkFault fault) throws IOException {
        ServerNode node = ServerNode.start(folder, settings, fault);
        started.add(node);
        return node;
    }

    /** Waits until a server is there, and connects so many clients to it. */
    void populate(ServerNode node, int clients) {
        node.awaitReached();
        nodes.add(node);
        for (int i = 0; i < clients; i++) {
            int number = numbers.getAndIncrement();
            int first = number % channels;
            join(node, List.of(first, (first + 1 + number / channels) % channels));
        }
        Await.until(PATIENCE, () -> greeted(node) + " of " + clients, () -> greeted(node) >= clients);
    }

    private long greeted(ServerNode node) {
        return subscribed.keySet().stream().filter(listener -> listener.node() == node).count();
    }

    private void join(ServerNode node, List<Integer> wanted) {
        AtomicReference<Listener> self = new AtomicReference<>();
        Listener listener = new Listener(node, wanted, () -> subscribed.put(self.get(), true), () -> comeBack(wanted));
        self.set(listener);
        listeners.add(listener);
        crowd.join(node.port(), listener);
    }

    /** As clients do: elsewhere, at once. */
    private void comeBack(List<Integer> wanted) {
        List<ServerNode> now = List.copyOf(nodes);
        if (!ending && !now.isEmpty()) {
            crowd.later(100, () -> join(now.get(ThreadLocalRandom.current().nextInt(now.size())), wanted));
        }
    }

    /** Begins to publish. */
    void publish(int perSecond) {
        publisher = new ApiPublisher(ledger, nodes, channels, perSecond);
    }

    /** Waits until so many more publications have been handed to servers. */
    void progress(int more) {
        int goal = ledger.size() + more;
        Await.until(PATIENCE, () -> ledger.size() + " of " + goal, () -> ledger.size() >= goal);
    }

    /** Clients that leave {@code node} from now on go elsewhere, and so do publications once it is gone. */
    void leaving(ServerNode node) {
        nodes.remove(node);
    }

    /** SIGTERM; returns when it has ended by itself. */
    void drain(ServerNode node) throws InterruptedException {
        leaving(node);
        node.signal("TERM");
        if (node.awaitEnd() != 0) {
            throw new AssertionError("ended badly: " + node.output());
        }
    }

    /** SIGKILL, with nothing unwritten. */
    void kill(ServerNode node) {
        leaving(node);
        node.awaitWritten();
        node.kill();
    }

    /** Stops publishing; returns when every publication has been answered. */
    void stop() {
        ApiPublisher running = publisher;
        if (running == null) {
            throw new IllegalStateException("not publishing");
        }
        running.close();
        Await.until(PATIENCE.multipliedBy(2), () -> running.unanswered() + " unanswered",
                () -> running.unanswered() == 0);
    }

    /** What there is to say once nothing is missing any more, or {@code patience} is over. */
    Verdict verdict(Duration patience) {
        Map<Integer, List<Entry>> published = ledger.all().stream().collect(Collectors.groupingBy(e -> e.channel));
        AtomicReference<Verdict> last = new AtomicReference<>(judge(published));
        long[] next = {System.nanoTime()};
        Await.holds(patience, () -> {
            if (System.nanoTime() - next[0] > 0) {
                last.set(judge(published));
                next[0] = System.nanoTime() + 500_000_000L;
            }
            return last.get().perfect() || !last.get().clean();
        });
        return last.get();
    }

    private Verdict judge(Map<Integer, List<Entry>> published) {
        return crowd.ask(() -> {
            Verdict verdict = new Verdict();
            listeners.forEach(listener -> listener.judge(ledger, published, verdict));
            return verdict;
        });
    }

    /** Connected clients. */
    long connected() {
        return listeners.stream().filter(Session::open).count();
    }

    /** Connections that have ended. */
    long ended() {
        return listeners.size() - connected();
    }

    /** Clients that are still connected as they were at the start to {@code node}. */
    long connected(ServerNode node) {
        return listeners.stream().filter(listener -> listener.open() && listener.node() == node).count();
    }

    Ledger ledger() {
        return ledger;
    }

    /** The sum of a meter over all servers that live. */
    double meter(String name) {
        return started.stream().filter(ServerNode::alive).mapToDouble(node -> node.meter(name)).sum();
    }

    /** How it went, for the report of a test. */
    String summary() {
        return ledger.count(Ledger.Answer.ACKNOWLEDGED) + " acknowledged, " + ledger.count(Ledger.Answer.REFUSED)
                + " refused, " + ledger.count(Ledger.Answer.UNKNOWN) + " unknown, " + connected()
                + " clients connected of " + listeners.size() + " ever; outages "
                + meter("reverb_scaling_outages_total") + ", recovered " + meter("reverb_scaling_recovered_total")
                + ", replayed " + meter("reverb_scaling_replayed_total") + ", duplicates "
                + meter("reverb_scaling_duplicates_total") + ", histories " + meter("reverb_scaling_histories_total")
                + ", lapsed " + meter("reverb_scaling_lapsed_total");
    }

    /** What the servers that live say of themselves. */
    String evidence() {
        return started.stream()
                .filter(ServerNode::alive)
                .map(node -> "\n--- server " + node.number() + "\n"
                        + node.meters("reverb_(scaling|redis|connections ).*") + node.output())
                .collect(Collectors.joining());
    }

    @Override
    public void close() {
        ending = true;
        if (publisher != null) {
            publisher.close();
        }
        started.forEach(ServerNode::close);
        crowd.close();
    }
}
