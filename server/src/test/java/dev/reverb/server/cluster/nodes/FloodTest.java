package dev.reverb.server.cluster.nodes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.redis.LinkFault;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishers without pause at one server, a thousand subscribers of that channel at another. Wants a machine that does
 * little else.
 */
@Tag("long")
final class FloodTest {

    private static final Logger log = LoggerFactory.getLogger(FloodTest.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PUBLISHERS = 4;
    private static final int SUBSCRIBERS = 1_000;
    private static final int TIMED = 20;
    private static final String CHANNEL = "flood";

    @TempDir
    Path folder;

    /**
     * What a run came to.
     *
     * @param acknowledged publications answered with 200
     * @param refused those answered with 503
     * @param missing deliveries that did not come about
     * @param dropped subscribers that were closed
     * @param p99Millis age of a message at its arrival
     * @param growth of either server's resident memory, from a third of the run to its end, as a factor
     */
    private record Result(int acknowledged, int refused, long missing, long dropped, long p99Millis, double growth) {

        boolean good() {
            return missing == 0 && dropped == 0 && p99Millis < 2_000 && growth < 1.25;
        }
    }

    private Result flood(Duration length, Duration patience, LinkFault fault) throws Exception {
        try (RedisProcess redis = RedisProcess.server(); Crowd crowd = new Crowd()) {
            Map<String, String> settings = Map.of("REDIS_PORT", "" + redis.port());
            try (ServerNode a = ServerNode.start(folder, settings, fault);
                    ServerNode b = ServerNode.start(folder, settings, fault)) {
                a.awaitReached();
                b.awaitReached();
                List<Spectator> spectators = subscribe(crowd, b, SUBSCRIBERS,
                        i -> new Spectator(CHANNEL, i % (SUBSCRIBERS / TIMED) == 0));
                return run(length, patience, a, b, crowd, spectators);
            }
        }
    }

    /** So many subscribers of one server, once they are. */
    private static List<Spectator> subscribe(Crowd crowd, ServerNode node, int number, IntFunction<Spectator> kind) {
        List<Spectator> spectators = IntStream.range(0, number).mapToObj(kind).toList();
        spectators.forEach(spectator -> crowd.join(node.port(), spectator));
        Await.until(PATIENCE, () -> "not subscribed", () -> spectators.stream().allMatch(Spectator::subscribed));
        return spectators;
    }

    private static Result run(Duration length, Duration patience, ServerNode a, ServerNode b, Crowd crowd,
            List<Spectator> spectators) throws Exception {
        AtomicBoolean running = new AtomicBoolean(true);
        AtomicInteger acknowledged = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        List<Thread> publishers = new ArrayList<>();
        for (int i = 0; i < PUBLISHERS; i++) {
            publishers.add(Thread.ofPlatform().start(() -> publish(a.port(), running, acknowledged, refused)));
        }
        long start = System.nanoTime();
        Await.until(length, () -> "", () -> System.nanoTime() - start > length.toNanos() / 3);
        long residentA = a.resident();
        long residentB = b.resident();
        double growth = 1;
        while (System.nanoTime() - start < length.toNanos()) {
            long next = System.nanoTime() + 100_000_000L;
            Await.until(length, () -> "", () -> System.nanoTime() > next);
            growth = Math.max(growth, Math.max((double) a.resident() / residentA, (double) b.resident() / residentB));
        }
        running.set(false);
        for (Thread publisher : publishers) {
            publisher.join();
        }
        int all = acknowledged.get();
        Await.holds(patience, () -> spectators.stream().allMatch(s -> s.count() >= all || !s.open()));
        long[] ages = crowd.ask(() -> spectators.stream()
                .flatMapToLong(s -> Arrays.stream(s.ages()).filter(age -> age > 0))
                .sorted()
                .toArray());
        Result result = new Result(all, refused.get(), spectators.stream().mapToLong(s -> all - s.count()).sum(),
                spectators.stream().filter(s -> !s.open()).count(),
                ages.length == 0 ? Long.MAX_VALUE : ages[ages.length * 99 / 100] / 1_000_000, growth);
        log.info("{}; resident A {} MB, B {} MB", result, a.resident() >> 20, b.resident() >> 20);
        return result;
    }

    private static void publish(int port, AtomicBoolean running, AtomicInteger acknowledged, AtomicInteger refused) {
        try (ApiConnection api = new ApiConnection(port)) {
            while (running.get()) {
                byte[] event = ("{\"name\":\"m\",\"channel\":\"" + CHANNEL + "\",\"data\":\"" + System.nanoTime()
                        + " and some more so that it is as long as messages are\"}").getBytes(UTF_8);
                switch (api.publish(event)) {
                    case 200 -> acknowledged.incrementAndGet();
                    case 503 -> refused.incrementAndGet();
                    default -> throw new IllegalStateException("a publication was not answered");
                }
            }
        }
    }

    @Test
    void everythingAcknowledgedArrivesInTimeAndNeitherServerGrows() throws Exception {
        Result result = flood(Duration.ofMinutes(1), PATIENCE, LinkFault.NONE);
        assertTrue(result.good(), result::toString);
        assertTrue(result.acknowledged > 1_000, result::toString);
    }

    /**
     * Such as programs whose library ignores pings: it is not known how far they have read, and nobody waits for it
     * long.
     */
    @Test
    void clientsThatAnswerNoPingsHoldNobodyUp() throws Exception {
        String text = "x".repeat(4_000);
        int messages = 400;
        try (RedisProcess redis = RedisProcess.server(); Crowd crowd = new Crowd()) {
            Map<String, String> settings = Map.of("REDIS_PORT", "" + redis.port());
            try (ServerNode a = ServerNode.start(folder, settings); ServerNode b = ServerNode.start(folder, settings)) {
                a.awaitReached();
                b.awaitReached();
                List<Spectator> spectators = subscribe(crowd, b, 200, _ -> new Spectator(CHANNEL, false) {
                    @Override
                    protected boolean answersPings() {
                        return false;
                    }
                });
                byte[] event = ("{\"name\":\"m\",\"channel\":\"" + CHANNEL + "\",\"data\":\"" + text + "\"}")
                        .getBytes(UTF_8);
                List<Thread> publishers = new ArrayList<>();
                for (int i = 0; i < PUBLISHERS; i++) {
                    publishers.add(Thread.ofPlatform().start(() -> publish(a.port(), event, messages / PUBLISHERS)));
                }
                for (Thread publisher : publishers) {
                    publisher.join();
                }
                Await.until(PATIENCE, () -> spectators.getFirst().count() + " of " + messages,
                        () -> spectators.stream().allMatch(s -> s.count() == messages && s.open()));
                assertTrue(crowd.ask(() -> spectators.stream().mapToInt(Session::pings).sum()) > 0, "nobody was asked");
            }
        }
    }

    /** Publishes {@code times}, and again what was refused. */
    private static void publish(int port, byte[] event, int times) {
        try (ApiConnection api = new ApiConnection(port)) {
            for (int i = 0; i < times; i += api.publish(event) == 200 ? 1 : 0) {}
        }
    }

    @Test
    void withFlowControlSwitchedOffItDoesNot() throws Exception {
        assertFalse(flood(Duration.ofSeconds(15), Duration.ofSeconds(5), LinkFault.NO_FLOW_CONTROL).good());
    }
}
