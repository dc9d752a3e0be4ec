package dev.reverb.server.cluster.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.nodes.Ledger.Entry;
import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Each of three servers is restarted in turn under clients that resume and a steady publisher: nobody misses a message,
 * gets one twice, or gets one publisher's out of order, and what histories take stays at its bound. Clients beside them
 * that do not resume miss messages, which shows that the measure finds what is missing; members of presence channels
 * that know nothing of all this are not seen to leave.
 */
@Tag("slow")
final class ResumeRollTest {

    private static final Logger log = LoggerFactory.getLogger(ResumeRollTest.class);
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int PER_SECOND = 200;
    private static final int BATCH = 10;
    private static final int ROOMS = 3;
    /** Messages of one channel that are kept: more than come while a client is away, however busy the machine. */
    private static final int KEPT = 500;
    /** Bytes that a kept message counts at most, and a channel beside: {@code docs/resume.md}. */
    private static final int MESSAGE = 100 + 150;
    private static final int CHANNEL = 1000;
    private static final String BYTES = "reverb_history_bytes\\{app=\"app\"\\}";
    /** The longest history, all of them, and the bytes that Redis says they take. */
    private static final String HISTORIES = """
        local longest, all, bytes = 0, 0, 0
        for _, key in ipairs(redis.call('KEYS', '*:hist:*')) do
          local length = redis.call('XLEN', key)
          longest, all = math.max(longest, length), all + length
          bytes = bytes + redis.call('MEMORY', 'USAGE', key, 'SAMPLES', '0')
        end
        return longest .. ' ' .. all .. ' ' .. bytes""";

    @TempDir
    Path folder;

    /** How many of each, and how much time servers have for their drain. */
    private record Size(int resuming, int plain, int members, int channels, String drain, String notice) {}

    @Test
    void nobodyMissesAMessageInARoll() throws Exception {
        roll(new Size(120, 30, 30, 10, "2s", "1s"));
    }

    @Test
    @Tag("long")
    void aThousandClientsMissNothingInARoll() throws Exception {
        roll(new Size(1000, 60, 60, 20, "20s", "5s"));
    }

    /** What histories take, as Redis and servers say it. */
    private record Taken(int longest, int messages, long bytes, double metered) {
        static Taken of(RedisProcess redis, List<ServerNode> nodes) {
            String[] said = redis.command("EVAL", HISTORIES, "0").lines().skip(1).findFirst().orElse("").split(" ");
            double metered = nodes.stream()
                    .mapToDouble(node -> ServerNode.meter(node.page("/metrics"), BYTES))
                    .max()
                    .orElse(0);
            return new Taken(Integer.parseInt(said[0]), Integer.parseInt(said[1]), Long.parseLong(said[2]), metered);
        }
    }

    /** Servers, and all kinds of clients. */
    private final class Scene implements AutoCloseable {
        final Size size;
        final RedisProcess redis = RedisProcess.server();
        final Crowd crowd = new Crowd();
        final Ledger ledger = new Ledger();
        final CopyOnWriteArrayList<ServerNode> serving = new CopyOnWriteArrayList<>();
        final List<ServerNode> started = new CopyOnWriteArrayList<>();
        final List<Returner> clients = new ArrayList<>();
        final Map<String, Attendee> members = new ConcurrentHashMap<>();
        final List<Attendee> everyMember = new CopyOnWriteArrayList<>();
        final AtomicBoolean ending = new AtomicBoolean();
        final List<Taken> taken = new ArrayList<>();

        Scene(Size size) throws IOException {
            this.size = size;
        }

        ServerNode start() throws IOException {
            Path config = folder.resolve("reverb.yaml");
            Files.writeString(config,
                    "apps:\n  - {app_id: app, key: app-key, secret: app-secret, history: [{channels: \"c-*\", count: "
                            + KEPT + ", age: 10m}]}\n");
            ServerNode node = ServerNode.start(folder,
                    Map.of("REDIS_PORT", "" + redis.port(), "REVERB_CONFIG", config.toString(), "REVERB_APP_ID", "",
                            "REVERB_APP_KEY", "", "REVERB_APP_SECRET", "", "REVERB_DRAIN_DURATION", size.drain(),
                            "REVERB_DRAIN_NOTICE", size.notice()));
            started.add(node);
            return node;
        }

        void awaitComplete() {
            serving.forEach(ServerNode::awaitReached);
            Await.until(PATIENCE, () -> "not all seen",
                    () -> serving.stream().allMatch(node -> node.meter("reverb_scaling_nodes") == serving.size()));
        }

        /** As many messages in each channel as it keeps. */
        void fill() {
            ApiClient api = new ApiClient(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), serving.getFirst().port()),
                    new Credentials(ServerNode.APP, ServerNode.KEY, ServerNode.SECRET));
            for (int i = 0; i < KEPT * size.channels() / BATCH; i++) {
                StringBuilder batch = new StringBuilder();
                for (int k = 0; k < BATCH; k++) {
                    batch.append(k == 0 ? "{\"batch\":[" : ",")
                            .append("{\"name\":\"m\",\"data\":\"00000\",\"channel\":\"")
                            .append(ApiPublisher.channel((i * BATCH + k) % size.channels()))
                            .append("\"}");
                }
                assertEquals(200, api.post("/batch_events", batch.append("]}").toString()).status());
            }
        }

        void populate() {
            for (int i = 0; i < size.resuming() + size.plain(); i++) {
                int first = i % size.channels();
                List<Integer> channels = List.of(first, (first + 1 + i / size.channels()) % size.channels());
                clients.add(new Returner(crowd, () -> serving, channels.stream().distinct().toList(),
                        i < size.resuming(), ending));
            }
            for (int i = 0; i < clients.size(); i++) {
                Returner client = clients.get(i);
                ServerNode node = serving.get(i % serving.size());
                crowd.later(i, () -> client.connect(node));
            }
            for (int i = 0; i < size.members(); i++) {
                String user = "u" + i;
                ServerNode node = serving.get(i / ROOMS % serving.size());
                crowd.later(i, () -> attend(node, user));
            }
            Await.until(PATIENCE, () -> clients.stream().filter(c -> !c.ready()).count() + " clients not subscribed",
                    () -> clients.stream().allMatch(Returner::ready));
            Await.until(PATIENCE, () -> "members see " + roster(), () -> whole());
        }

        /** An unmodified member, who comes back elsewhere at once when its connection ends. Crowd's thread. */
        private void attend(ServerNode node, String user) {
            Attendee attendee = new Attendee(node, "presence-" + Integer.parseInt(user.substring(1)) % ROOMS, user) {
                @Override
                protected void ended() {
                    if (!ending.get()) {
                        List<ServerNode> now = List.copyOf(serving);
                        crowd.later(50, () -> attend(now.get((now.indexOf(node()) + 1) % now.size()), user));
                    }
                }
            };
            members.put(user, attendee);
            everyMember.add(attendee);
            crowd.join(node.port(), attendee);
        }

        private List<Integer> roster() {
            return crowd.ask(() -> members.values().stream().map(member -> member.view().size()).toList());
        }

        private boolean whole() {
            return members.size() == size.members()
                    && roster().stream().allMatch(seen -> seen == size.members() / ROOMS);
        }

        int seen(ToIntFunction<Attendee> what) {
            return crowd.ask(() -> everyMember.stream().mapToInt(what).sum());
        }

        void measure() {
            taken.add(Taken.of(redis, serving));
        }

        /** One server ends, and another one takes its place. */
        void restart(ServerNode node) throws Exception {
            serving.remove(node);
            node.signal("TERM");
            assertEquals(0, node.awaitEnd(), node::output);
            ServerNode successor = start();
            successor.awaitReached();
            serving.add(successor);
            awaitComplete();
            measure();
        }

        Verdict verdict(Predicate<Returner> of) {
            Map<Integer, List<Entry>> published = ledger.all().stream().collect(Collectors.groupingBy(e -> e.channel));
            return crowd.ask(() -> {
                Verdict verdict = new Verdict();
                clients.stream().filter(of).forEach(client -> client.judge(ledger, published, verdict));
                return verdict;
            });
        }

        int sum(ToIntFunction<Returner> what) {
            return crowd.ask(() -> clients.stream().filter(Returner::resumes).mapToInt(what).sum());
        }

        @Override
        public void close() {
            ending.set(true);
            started.forEach(ServerNode::close);
            crowd.close();
            redis.close();
        }
    }

    private void roll(Size size) throws Exception {
        try (Scene scene = new Scene(size)) {
            for (int i = 0; i < 3; i++) {
                scene.serving.add(scene.start());
            }
            scene.awaitComplete();
            scene.fill();
            scene.populate();
            // servers say of histories what the last heartbeats measured
            Await.until(PATIENCE, () -> "meters have " + Taken.of(scene.redis, scene.serving),
                    () -> Taken.of(scene.redis, scene.serving).metered() > bound(size) / 3);
            scene.measure();
            int joined = scene.seen(Attendee::additions);
            long from = System.nanoTime();
            ApiPublisher publisher = new ApiPublisher(scene.ledger, scene.serving, size.channels(), PER_SECOND);
            try {
                for (ServerNode node : List.copyOf(scene.serving)) {
                    scene.restart(node);
                }
            } finally {
                publisher.close();
            }
            Await.until(PATIENCE.multipliedBy(2), () -> publisher.unanswered() + " unanswered",
                    () -> publisher.unanswered() == 0);
            double seconds = (System.nanoTime() - from) / 1e9;
            AtomicReference<Verdict> resumed = new AtomicReference<>(new Verdict());
            long[] next = {System.nanoTime()}; // to judge takes the time of the clients
            boolean perfect = Await.holds(PATIENCE, () -> {
                if (System.nanoTime() - next[0] > 0) {
                    resumed.set(scene.verdict(Returner::resumes));
                    next[0] = System.nanoTime() + 500_000_000L;
                }
                return resumed.get().due() > 0 && (resumed.get().perfect() || !resumed.get().clean());
            });
            Verdict plain = scene.verdict(client -> !client.resumes());
            int flickers = scene.seen(Attendee::removals) + scene.seen(Attendee::additions) - joined;
            scene.measure();
            String summary = scene.ledger.count(Ledger.Answer.ACKNOWLEDGED) + " acknowledged of " + scene.ledger.size()
                    + " in " + Math.round(seconds) + " s; " + size.resuming() + " resuming clients: " + resumed.get()
                    + ", changed over " + scene.sum(Returner::moves) + " times, at the last moment "
                    + scene.sum(Returner::late) + " times, without a connection " + scene.sum(Returner::gaps)
                    + " times, not recovered " + scene.sum(Returner::unrecovered) + "; " + size.plain() + " without: "
                    + plain + "; " + scene.everyMember.size() + " connections of " + size.members() + " members saw "
                    + flickers + " come or go; histories took " + scene.taken;
            log.info(summary);
            assertTrue(perfect, summary);
            assertEquals(0, scene.sum(Returner::errors) + scene.sum(Returner::unrecovered), summary);
            int returns = scene.sum(client -> client.moves() + client.late() + client.gaps());
            assertTrue(returns >= size.resuming(), summary);
            assertTrue(plain.clean() && !plain.perfect(), () -> "without resuming nothing was missed: " + summary);
            assertTrue(scene.everyMember.size() > size.members(), summary);
            assertEquals(0, flickers, summary);
            assertTrue(scene.whole(), () -> "members see " + scene.roster());
            flat(scene, summary);
        }
    }

    private static double bound(Size size) {
        return size.channels() * (CHANNEL + KEPT * (double) MESSAGE);
    }

    /** All histories were full from the beginning on, and took no more at any time. */
    private static void flat(Scene scene, String summary) {
        Taken first = scene.taken.getFirst();
        double bound = bound(scene.size);
        for (Taken one : scene.taken) {
            assertEquals(KEPT, one.longest(), summary);
            assertEquals(KEPT * scene.size.channels(), one.messages(), summary);
            assertTrue(one.bytes() < 1.5 * first.bytes(), summary);
            assertTrue(one.metered() > bound / 3 && one.metered() <= bound, summary);
        }
    }
}
