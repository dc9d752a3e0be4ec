package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import dev.reverb.testkit.redis.RedisProcess;
import dev.reverb.testkit.redis.Sentinels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Clients that are cut, and return elsewhere, while Redis restarts or fails over. */
@WireTest
@Timeout(180)
@Execution(ExecutionMode.SAME_THREAD)
class ResumeOverOutagesTest {

    private static final String CHANNEL = "orders.1";

    /** What Redis has of before when it is back. */
    enum Restart {
        EMPTY, PERSISTENT
    }

    /** One client that is cut again and again, and what it has of each publisher. */
    private static final class Wanderer {
        private final TestServer[] servers;
        private final Map<String, List<Integer>> received = new HashMap<>();
        private final List<String> lost = new ArrayList<>();
        private WireClient client;
        private String position;
        private int turn;

        Wanderer(TestServer... servers) {
            this.servers = servers;
            client = servers[0].connect();
            position = answer("{}").path("position").asString();
        }

        private JsonNode answer(String resume) {
            client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + CHANNEL + "\",\"resume\":" + resume
                    + "}}");
            client.next("pusher_internal:subscription_succeeded");
            return Json.parse(client.next("pusher_internal:resumed").data());
        }

        /** Is cut, and returns to the next server. */
        void cut() {
            client.reset();
            client = servers[++turn % servers.length].connect();
            String asked = position;
            JsonNode answer = answer("{\"position\":\"" + asked + "\"}");
            if (!answer.path("recovered").asBoolean()) {
                lost.add(answer + " to " + asked);
            }
            position = answer.path("position").asString(asked);
        }

        void read() {
            Received message = client.next();
            received.computeIfAbsent(message.event(), _ -> new ArrayList<>()).add(Integer.valueOf(message.data()));
            String next = message.json().path("position").asString("");
            position = next.isEmpty() ? position : next;
        }

        void read(int count) {
            for (int i = 0; i < count; i++) {
                read();
            }
        }

        int last(String event) {
            List<Integer> numbers = received.getOrDefault(event, List.of());
            return numbers.isEmpty() ? 0 : numbers.getLast();
        }
    }

    /** Publishes 1, 2, 3, … through one server. */
    private static final class Publisher {
        final String event;
        final AtomicInteger last = new AtomicInteger();
        private final AtomicBoolean stop = new AtomicBoolean();
        private final Thread thread;

        Publisher(TestServer server, String event) {
            this.event = event;
            thread = Thread.ofVirtual().start(() -> {
                while (!stop.get()) {
                    int number = last.get() + 1;
                    if (server.api().post("/events", event(number)).status() == 200) {
                        last.set(number);
                    }
                    LockSupport.parkNanos(5_000_000);
                }
            });
        }

        private String event(int number) {
            return ApiClient.event(event, Integer.toString(number), CHANNEL);
        }

        void end() throws InterruptedException {
            stop.set(true);
            thread.join();
        }
    }

    private interface Outage {
        void run(Wanderer wanderer) throws Exception;
    }

    private static void start(RedisProcess redis, TestServer... servers) {
        for (TestServer server : servers) {
            ScaledTest.scaled(server, redis);
            start(server);
        }
    }

    private static void start(TestServer server) {
        server.app("history: [{channels: \"orders.*\", count: 5000, age: 120, bytes: 4MiB}]");
        ScaledTest.awaitReached(server);
    }

    /** Publishes through both servers while {@code outage} runs; the client has to have all of it, once, in order. */
    private static void run(TestServer a, TestServer b, Outage outage) throws Exception {
        try {
            Wanderer wanderer = new Wanderer(a, b);
            List<Publisher> publishers = List.of(new Publisher(a, "a"), new Publisher(b, "b"));
            wanderer.read(50);
            outage.run(wanderer);
            for (int i = 0; i < 4; i++) {
                wanderer.cut();
                wanderer.read(20);
            }
            for (Publisher publisher : publishers) {
                publisher.end();
            }
            for (Publisher publisher : publishers) {
                while (wanderer.last(publisher.event) < publisher.last.get()) {
                    wanderer.read();
                }
                List<Integer> all = new ArrayList<>();
                for (int i = 1; i <= publisher.last.get(); i++) {
                    all.add(i);
                }
                assertEquals(all, wanderer.received.get(publisher.event),
                        "of " + publisher.event + ", " + wanderer.lost);
            }
            assertEquals(List.of(), wanderer.lost);
            wanderer.client.assertNothingMore();
        } finally { // before their Redis
            a.stop();
            b.stop();
        }
    }

    private static RedisProcess redis(Restart restart) throws IOException {
        return restart == Restart.EMPTY ? RedisProcess.server()
                : RedisProcess.server("--appendonly", "yes", "--appendfsync", "always");
    }

    @ParameterizedTest
    @EnumSource
    void whoIsCutWhenRedisIsBackMissesNothing(Restart restart, TestServer a, TestServer b) throws Exception {
        try (RedisProcess redis = redis(restart)) {
            start(redis, a, b);
            run(a, b, wanderer -> {
                redis.kill();
                wanderer.read(10);
                redis.start();
                wanderer.read(10);
                wanderer.cut();
                wanderer.read(10);
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoIsCutWhileRedisIsAwayMissesNothing(Restart restart, TestServer a, TestServer b) throws Exception {
        try (RedisProcess redis = redis(restart)) {
            start(redis, a, b);
            run(a, b, wanderer -> {
                redis.kill();
                Thread back = Thread.ofPlatform().unstarted(redis::start);
                wanderer.read(10);
                back.start();
                wanderer.cut();
                wanderer.read(10);
                back.join();
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoHadAnotherChannelThereMissesNothing(Restart restart, TestServer a, TestServer b) throws Exception {
        try (RedisProcess redis = redis(restart)) {
            start(redis, a, b);
            WireClient other = b.connect(); // so that the other server reads what it does not deliver
            other.subscribe(CHANNEL);
            run(a, b, wanderer -> {
                redis.kill();
                wanderer.read(10);
                other.close();
                redis.start();
                wanderer.cut();
                wanderer.read(10);
            });
        }
    }

    @Test
    void whoIsCutInAFailOverThatLosesWritesMissesNothing(TestServer a, TestServer b) throws Exception {
        try (Sentinels redis = Sentinels.start()) {
            for (TestServer server : new TestServer[]{a, b}) {
                server.env("REVERB_SCALING_ENABLED", "true")
                        .env("REDIS_SENTINEL_NODES", String.join(",", redis.addresses()))
                        .env("REDIS_SENTINEL_MASTER", "main");
                start(server);
            }
            run(a, b, wanderer -> {
                redis.cutReplication();
                wanderer.read(20);
                redis.failOver();
                wanderer.cut();
                wanderer.read(10);
            });
        }
    }

    @Test
    void aPositionOlderThanWhatIsWrittenAgainIsNotRecovered(TestServer a, TestServer b) throws IOException {
        try (RedisProcess redis = RedisProcess.server()) {
            a.env("REVERB_SCALING_RETENTION", "1s");
            b.env("REVERB_SCALING_RETENTION", "1s");
            start(redis, a, b);
            Wanderer wanderer = new Wanderer(a, b);
            a.api().publish("a", "1", CHANNEL);
            wanderer.read();
            long from = System.nanoTime();
            Await.until("the message is older than what servers write again",
                    () -> System.nanoTime() - from > 2_000_000_000L);
            redis.command("FLUSHALL");
            a.api().publish("a", "2", CHANNEL);
            wanderer.cut();
            assertTrue(wanderer.lost.toString().contains("\"recovered\":false"), "nobody knows what is missing");
        }
    }
}
