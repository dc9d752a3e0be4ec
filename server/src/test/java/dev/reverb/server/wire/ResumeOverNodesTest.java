package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Json;
import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Clients that return on another server than the one that they left, while all servers publish. */
@WireTest
class ResumeOverNodesTest {

    private static final String CHANNEL = "orders.1";

    /** What a client remembers over its connections. */
    private enum Memory {
        POSITION, NOTHING, AN_OLD_POSITION
    }

    /** What became of all messages of all clients. */
    private static final class Verdict {
        final AtomicInteger received = new AtomicInteger();
        final AtomicInteger missed = new AtomicInteger();
        final AtomicInteger doubled = new AtomicInteger();
        final ConcurrentLinkedQueue<String> lost = new ConcurrentLinkedQueue<>();
    }

    private static void start(RedisProcess redis, TestServer... servers) {
        for (TestServer server : servers) {
            ScaledTest.scaled(server, redis);
            server.app("history: [{channels: \"orders.*\", count: 5000, age: 120, bytes: 4MiB}]");
            ScaledTest.awaitReached(server);
        }
    }

    private static JsonNode resume(WireClient client, String resume) {
        client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + CHANNEL + "\",\"resume\":" + resume
                + "}}");
        client.next("pusher_internal:subscription_succeeded");
        return Json.parse(client.next("pusher_internal:resumed").data());
    }

    private static Thread publisher(TestServer server, int id, AtomicBoolean stop) {
        return Thread.ofVirtual().start(() -> {
            for (int n = 1; !stop.get(); n++) {
                server.api().publish("p" + id, Integer.toString(n), CHANNEL);
            }
        });
    }

    private static void wander(TestServer[] servers, int connections, Memory memory, long seed, Verdict verdict) {
        Random random = new Random(seed);
        Map<String, Integer> last = new HashMap<>();
        String position = null;
        String old = null;
        for (int i = 0; i < connections; i++) {
            WireClient client = servers[random.nextInt(servers.length)].connect();
            String asked = memory == Memory.NOTHING ? null : memory == Memory.AN_OLD_POSITION ? old : position;
            JsonNode answer = resume(client, asked == null ? "{}" : "{\"position\":\"" + asked + "\"}");
            if (!answer.path("recovered").asBoolean()) {
                verdict.lost.add(answer + " to " + asked);
            }
            position = answer.path("position").asString();
            old = old == null ? position : old;
            int messages = 1 + random.nextInt(40);
            for (int m = 0; m < messages; m++) {
                Received message = client.next();
                verdict.received.incrementAndGet();
                int number = Integer.parseInt(message.data());
                Integer before = last.get(message.event());
                if (before != null && number > before + 1) {
                    verdict.missed.addAndGet(number - before - 1);
                } else if (before != null && number <= before) {
                    verdict.doubled.incrementAndGet();
                }
                last.merge(message.event(), number, Math::max);
                position = message.json().path("position").asString();
                assertTrue(!position.isEmpty(), message + " of " + answer + " to " + asked);
                old = m == 0 ? position : old;
            }
            client.reset();
        }
    }

    private static Verdict run(TestServer[] servers, Memory memory, int connections) throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        Verdict verdict = new Verdict();
        List<Thread> publishers = new ArrayList<>();
        for (int i = 0; i < servers.length; i++) {
            publishers.add(publisher(servers[i], i, stop));
        }
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        List<Thread> clients = new ArrayList<>();
        for (int c = 0; c < 6; c++) {
            int seed = c;
            clients.add(Thread.ofPlatform().start(() -> {
                try {
                    wander(servers, connections, memory, seed, verdict);
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                }
            }));
        }
        for (Thread client : clients) {
            client.join();
        }
        stop.set(true);
        for (Thread publisher : publishers) {
            publisher.join();
        }
        if (failure.get() != null) {
            throw new AssertionError(failure.get());
        }
        return verdict;
    }

    @Test
    void whoWandersOverTheServersMissesNothingAndGetsNothingTwice(TestServer a, TestServer b, TestServer c)
            throws IOException, InterruptedException {
        try (RedisProcess redis = RedisProcess.server()) {
            TestServer[] servers = {a, b, c};
            start(redis, servers);
            Verdict verdict = run(servers, Memory.POSITION, 25);
            assertEquals(List.of(), List.copyOf(verdict.lost));
            assertEquals(0, verdict.missed.get(), "missed of " + verdict.received);
            assertEquals(0, verdict.doubled.get(), "doubled of " + verdict.received);
            assertTrue(verdict.received.get() > 1000);
            // the same measure finds what is wrong
            assertTrue(run(servers, Memory.NOTHING, 5).missed.get() > 0);
            assertTrue(run(servers, Memory.AN_OLD_POSITION, 5).doubled.get() > 0);
        }
    }

    @Test
    void aClientOfAServerThatEndsResumesOnAnother(TestServer a, TestServer b) throws IOException {
        try (RedisProcess redis = RedisProcess.server()) {
            start(redis, a, b);
            WireClient first = a.connect();
            String position = resume(first, "{}").path("position").asString();
            a.stop();
            b.api().publish("e", "1", CHANNEL);
            b.api().publish("e", "2", CHANNEL);
            WireClient second = b.connect();
            JsonNode answer = resume(second, "{\"position\":\"" + position + "\"}");
            assertTrue(answer.path("recovered").asBoolean(), answer.toString());
            assertEquals("1", second.next("e").data());
            assertEquals("2", second.next("e").data());
            second.assertNothingMore();
        }
    }

    @Test
    void aRedisThatLostEverythingIsGivenAgainWhatServersStillHave(TestServer a, TestServer b) throws IOException {
        try (RedisProcess redis = RedisProcess.server()) {
            start(redis, a, b);
            WireClient first = a.connect();
            resume(first, "{}");
            a.api().publish("e", "0", CHANNEL);
            first.next("e");
            WireClient other = b.connect();
            assertEquals(1, resume(other, "{\"rewind\":{\"count\":1}}").path("count").asInt());
            b.api().publish("e", "1", CHANNEL);
            String position = first.next("e").json().path("position").asString();
            a.api().publish("e", "2", CHANNEL);
            first.next("e");
            redis.command("FLUSHALL");
            WireClient second = b.connect();
            JsonNode answer = resume(second, "{\"position\":\"" + position + "\"}");
            assertTrue(answer.path("recovered").asBoolean(), answer.toString());
            assertEquals("2", second.next("e").data());
        }
    }
}
