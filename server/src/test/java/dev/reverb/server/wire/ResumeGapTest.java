package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import dev.reverb.testkit.redis.CutProxy;
import dev.reverb.testkit.redis.RedisProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Gaps that are closed, and those that are not, by each bound of a history: age, bytes, count, and what is held. */
@WireTest
class ResumeGapTest {

    private static final String CHANNEL = "orders";

    private static void start(HistoryStore store, TestServer server, String rule) {
        store.of(server);
        server.app("history: [{channels: orders, " + rule + "}]");
        store.reached(server);
    }

    private static void ask(WireClient client, String resume) {
        client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + CHANNEL + "\",\"resume\":" + resume
                + "}}");
    }

    private static JsonNode answer(WireClient client) {
        client.next("pusher_internal:subscription_succeeded");
        return Json.parse(client.next("pusher_internal:resumed").data());
    }

    private static JsonNode resume(WireClient client, String resume) {
        ask(client, resume);
        return answer(client);
    }

    private static String from(String position) {
        return "{\"position\":\"" + position + "\",\"fallback\":\"tail\"}";
    }

    /** Publishes 1, 2, … and is the positions before the first and of each. */
    private static List<String> positions(TestServer server, int count, String filling) {
        WireClient client = server.connect();
        List<String> positions = new ArrayList<>(
                List.of(resume(client, "{\"fallback\":\"none\"}").path("position").asString()));
        for (int i = 1; i <= count; i++) {
            server.api().publish("e", i + filling, CHANNEL);
            Received message = client.next("e");
            assertEquals(i + filling, message.data());
            positions.add(message.json().path("position").asString());
        }
        client.close();
        return positions;
    }

    /** The last {@code kept} messages of those are kept: what every position leads to. */
    private static void onlyTheLastAreKept(TestServer server, List<String> positions, int kept) {
        int last = positions.size() - 1;
        for (int i = 0; i <= last; i++) {
            WireClient client = server.connect();
            JsonNode answer = resume(client, from(positions.get(i)));
            boolean whole = i >= last - kept;
            assertEquals(whole, answer.path("recovered").asBoolean(), i + " of " + last + ": " + answer);
            if (!whole) {
                assertEquals("too_old", answer.path("reason").asString(), answer.toString());
            }
            int count = Math.min(kept, last - i);
            assertEquals(count, answer.path("count").asInt(), i + " of " + last + ": " + answer);
            for (int number = last - count + 1; number <= last; number++) {
                assertEquals(Integer.toString(number), client.next("e").data().strip());
            }
            client.assertNothingMore();
        }
    }

    @ParameterizedTest
    @EnumSource
    void byCount(HistoryStore store, TestServer server) {
        start(store, server, "count: 3, age: 10m");
        onlyTheLastAreKept(server, positions(server, 7, ""), 3);
    }

    @ParameterizedTest
    @EnumSource
    void byBytes(HistoryStore store, TestServer server) {
        start(store, server, "count: 100, age: 10m, bytes: 25KiB");
        onlyTheLastAreKept(server, positions(server, 5, " ".repeat(9_000)), 2);
    }

    @ParameterizedTest
    @EnumSource
    void byAge(HistoryStore store, TestServer server) {
        start(store, server, "count: 100, age: 1s");
        List<String> positions = positions(server, 3, "");
        Await.until("all are too old",
                () -> server.api()
                        .get("/channels/" + CHANNEL + "/history")
                        .body()
                        .equals("{\"messages\":[],\"next\":null}"));
        onlyTheLastAreKept(server, positions, 0);
        assertEquals(0, resume(server.connect(), "{\"rewind\":{\"count\":5}}").path("count").asInt());
    }

    @ParameterizedTest
    @EnumSource
    void aRewindOfSecondsBringsNothingOlder(HistoryStore store, TestServer server) {
        start(store, server, "count: 100, age: 10m");
        server.api().publish("e", "old", CHANNEL);
        long published = System.nanoTime();
        Await.until("it is older than a second", () -> System.nanoTime() - published > 1_100_000_000L);
        Await.until("what was published within the last second comes", () -> {
            server.api().publish("e", "new", CHANNEL);
            WireClient client = server.connect();
            int count = resume(client, "{\"rewind\":{\"seconds\":1}}").path("count").asInt();
            for (int i = 0; i < count; i++) {
                assertEquals("new", client.next("e").data());
            }
            client.assertNothingMore();
            return count > 0;
        });
        WireClient all = server.connect();
        assertTrue(resume(all, "{\"rewind\":{\"seconds\":500}}").path("count").asInt() > 1);
        assertEquals("old", all.next("e").data());
    }

    /** What is published while the history is read is part of the gap, up to 1 MiB. */
    @Test
    void whatIsPublishedDuringTheReadIsHeldUpToItsBound(TestServer server) throws Exception {
        try (RedisProcess redis = RedisProcess.server(); CutProxy proxy = new CutProxy(redis.port())) {
            server.env("REVERB_SCALING_ENABLED", "true")
                    .env("REDIS_HOST", "127.0.0.1")
                    .env("REDIS_PORT", Integer.toString(proxy.port()));
            server.app("history: [{channels: orders, count: 1000, age: 10m, bytes: 16MiB}]", "max_event_size: 1000000",
                    "max_message_size: 1000000");
            ScaledTest.awaitReached(server);
            List<String> positions = positions(server, 2, "");
            WireClient other = server.connect();
            other.subscribe(CHANNEL);
            held(server, proxy, other, positions.getFirst(), 3, 9_000);
            held(server, proxy, other, positions.getFirst(), 3, 400_000);
        }
    }

    private static void held(TestServer server, CutProxy proxy, WireClient other, String position, int count, int bytes)
            throws Exception {
        boolean recovered = count * bytes < 1 << 20;
        WireClient client = server.connect();
        proxy.hold();
        List<CompletableFuture<Void>> published = new ArrayList<>();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor(); // each waits for Redis
        try {
            ask(client, from(position));
            for (int i = 0; i < count; i++) {
                String data = i + " ".repeat(bytes);
                published.add(CompletableFuture.runAsync(() -> server.api().publish("e", data, CHANNEL), threads));
                assertEquals(data, other.next("e").data()); // at once, whatever Redis does
            }
        } finally {
            proxy.resume();
        }
        JsonNode answer = answer(client);
        assertEquals(recovered, answer.path("recovered").asBoolean(), answer.toString());
        if (recovered) {
            for (String before : List.of("1", "2")) {
                assertEquals(before, client.next("e").data());
            }
            for (int i = 0; i < count; i++) {
                assertEquals(Integer.toString(i), client.next("e").data().strip());
            }
        } else {
            assertEquals("too_large", answer.path("reason").asString(), answer.toString());
            assertEquals(0, answer.path("count").asInt());
        }
        for (CompletableFuture<Void> one : published) {
            one.get(30, TimeUnit.SECONDS);
        }
        threads.close();
        server.api().publish("e", "next", CHANNEL);
        Received next = client.next("e");
        assertEquals("next", next.data());
        assertFalse(next.json().path("position").asString().isEmpty());
        client.assertNothingMore();
        client.close();
        assertEquals("next", other.next("e").data());
    }
}
