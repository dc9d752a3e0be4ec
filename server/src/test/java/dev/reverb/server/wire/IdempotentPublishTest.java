package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.WireClient;
import dev.reverb.testkit.redis.RedisProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code idempotency_key}: a request that is sent again is carried out once. */
@WireTest
class IdempotentPublishTest {

    private static final Credentials OTHER = new Credentials("other", "other-key", "other-secret");

    private static String event(String data, String more) {
        return "{\"name\":\"x\",\"channel\":\"news\",\"data\":" + Json.quote(data) + more + "}";
    }

    private static String keyed(String data, String key) {
        return event(data, ",\"idempotency_key\":" + Json.quote(key));
    }

    private static HttpReply withHeader(TestServer server, String body, String key) {
        return server.api()
                .send(server.api().request("POST", "/events").body(body).header("X-Idempotency-Key: " + key));
    }

    @Test
    void aRepetitionIsDeliveredOnceAndGetsTheFirstAnswer(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        String body = keyed("1", "order-7").replace("}", ",\"info\":\"subscription_count\"}");
        HttpReply first = server.api().post("/events", body);
        assertEquals("{\"channels\":{\"news\":{\"subscription_count\":1}}}", first.body());
        server.connect().subscribe("news");
        assertEquals(first.body(), server.api().post("/events", body).body());
        assertEquals(200, server.api().post("/events", keyed("2", "order-8")).status());
        assertEquals("1", client.next("x").data());
        assertEquals("2", client.next("x").data());
        client.assertNothingMore();
    }

    @Test
    void theHeaderDoesTheSameForABatchToo(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        String batch = "{\"batch\":[" + event("1", "") + "," + event("2", "") + "]}";
        for (int i = 0; i < 3; i++) {
            HttpReply reply = server.api()
                    .send(server.api().request("POST", "/batch_events").body(batch).header("X-Idempotency-Key: b"));
            assertEquals("200 {\"batch\":{}}", reply.status() + " " + reply.body());
        }
        assertEquals("1", client.next("x").data());
        assertEquals("2", client.next("x").data());
        assertEquals(200, withHeader(server, event("3", ""), "c").status());
        assertEquals(200, withHeader(server, event("3", ""), "c").status());
        assertEquals("3", client.next("x").data());
        client.assertNothingMore();
    }

    @Test
    void aKeyBelongsToOneBodyAndHasAForm(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        assertEquals(200, server.api().post("/events", keyed("1", "k")).status());
        HttpReply other = server.api().post("/events", keyed("2", "k"));
        assertEquals(422, other.status());
        assertTrue(other.body().contains("idempotency_key") && other.body().contains("another request"), other.body());
        for (String wrong : List.of("", "a b", "\u00e4", "x".repeat(129))) {
            assertEquals(422, server.api().post("/events", keyed("1", wrong)).status(), wrong);
        }
        assertEquals(422, server.api().post("/events", event("1", ",\"idempotency_key\":7")).status());
        assertEquals(422, withHeader(server, keyed("1", "k"), "other").status());
        assertEquals(200, withHeader(server, keyed("1", "k"), "k").status());
        assertEquals("1", client.next("x").data());
        client.assertNothingMore();
    }

    @Test
    void aRequestThatIsRefusedFreesItsKey(TestServer server) {
        server.app("max_event_size: 100");
        WireClient client = server.connect();
        client.subscribe("news");
        assertEquals(422, server.api().post("/events", "{\"idempotency_key\":\"k\"}").status());
        assertEquals(413, server.api().post("/events", keyed("x".repeat(101), "k")).status());
        assertEquals(400, server.api().post("/events", "{\"idempotency_key\":\"k\",").status());
        assertEquals(401,
                server.api(new Credentials("app", "app-key", "wrong")).post("/events", keyed("0", "k")).status());
        assertEquals(200, server.api().post("/events", keyed("1", "k")).status());
        assertEquals("1", client.next("x").data());
        client.assertNothingMore();
    }

    @ParameterizedTest
    @EnumSource
    void keysOfEveryForm(HistoryStore store, TestServer server) {
        store.of(server);
        server.app(OTHER);
        store.reached(server);
        WireClient client = server.connect();
        client.subscribe("news");
        int number = 0;
        for (String key : List.of("x".repeat(128), "!", "~", "{}", "{a}b", "a}b{", "*", "%", "a:b", "app:k", "\"", "\\",
                "'; FLUSHALL", "-1", "0", "null", "a\\u0000b", "<>", "..", "/")) {
            if (key.contains(" ")) {
                assertEquals(422, server.api().post("/events", keyed("0", key)).status(), key);
                continue;
            }
            String body = keyed("" + ++number, key);
            for (int i = 0; i < 3; i++) {
                assertEquals(200, server.api().post("/events", body).status(), key);
            }
            assertEquals("" + number, client.next("x").data(), key);
            assertEquals(422, server.api().post("/events", keyed("else", key)).status(), key);
            assertEquals(200, server.api(OTHER).post("/events", keyed("else", key)).status(), key);
        }
        for (String wrong : List.of("", " ", "a b", "a\tb", "a\n", "\u0000", "\u007f", "\u00e4", "\ud83d\ude00",
                "x".repeat(129), "x".repeat(5000))) {
            HttpReply reply = server.api().post("/events", keyed("0", wrong));
            assertEquals(422, reply.status(), wrong);
            assertTrue(reply.body().contains("idempotency_key"), reply.body());
        }
        for (String wrong : List.of("7", "true", "[]", "[\"k\"]", "{}")) {
            assertEquals(422, server.api().post("/events", event("0", ",\"idempotency_key\":" + wrong)).status(),
                    wrong);
        }
        for (String wrong : List.of("", "a b", "x".repeat(129), "\u00e4")) {
            int status = withHeader(server, event("0", ""), wrong).status();
            assertEquals(422, status, "header " + wrong);
        }
        client.assertNothingMore();
    }

    @ParameterizedTest
    @EnumSource
    void aKeyIsOfOneRequestOfOneApplication(HistoryStore store, TestServer server) {
        store.of(server);
        server.app(OTHER);
        store.reached(server);
        WireClient client = server.connect();
        client.subscribe("news");
        WireClient other = server.connect(OTHER);
        other.subscribe("news");
        assertEquals(200, server.api().post("/events", keyed("1", "k")).status());
        // the same otherwise, but not the same bytes
        assertEquals(422, server.api().post("/events", keyed("1", "k") + " ").status());
        assertEquals(422, server.api().post("/events", keyed("1", "k").replace("\"x\"", "\"y\"")).status());
        String batch = "{\"batch\":[" + event("1", "") + "],\"idempotency_key\":\"k\"}";
        assertEquals(422, server.api().post("/batch_events", batch).status());
        assertEquals(200, server.api().post("/batch_events", batch.replace("\"k\"", "\"b\"")).status());
        assertEquals(200, server.api().post("/batch_events", batch.replace("\"k\"", "\"b\"")).status());
        assertEquals(422, server.api().post("/events", keyed("1", "b")).status());
        // no key but null is as none
        String none = event("2", ",\"idempotency_key\":null");
        assertEquals(200, server.api().post("/events", none).status());
        assertEquals(200, server.api().post("/events", none).status());
        assertEquals(200, withHeader(server, none, "h").status());
        assertEquals(200, withHeader(server, none, "h").status());
        HttpReply twice = server.api()
                .send(server.api()
                        .request("POST", "/events")
                        .body(event("3", ""))
                        .header("X-Idempotency-Key: one")
                        .header("X-Idempotency-Key: two"));
        assertTrue(twice.status() == 400 || twice.status() == 422, twice.status() + " " + twice.body());
        assertEquals(200, server.api(OTHER).post("/events", keyed("1", "k")).status());
        for (String data : List.of("1", "1", "2", "2", "2")) {
            assertEquals(data, client.next("x").data());
        }
        client.assertNothingMore();
        assertEquals("1", other.next("x").data());
        other.assertNothingMore();
    }

    @Test
    void aKeyIsForgottenAfterItsTime(TestServer server) throws Exception {
        server.env("REVERB_IDEMPOTENCY_WINDOW", "1s");
        WireClient client = server.connect();
        client.subscribe("news");
        assertEquals(200, server.api().post("/events", keyed("1", "k")).status());
        client.next("x");
        dev.reverb.testkit.Await.until("the key is free",
                () -> server.api().post("/events", keyed("2", "k")).status() == 200);
        assertEquals("2", client.next("x").data());
    }

    @Test
    void tenRepetitionsInParallelThroughTwoServersAreDeliveredOnce(TestServer one, TestServer other) throws Exception {
        try (RedisProcess redis = RedisProcess.server()) {
            for (TestServer server : new TestServer[]{one, other}) {
                ScaledTest.scaled(server, redis);
                ScaledTest.awaitReached(server);
            }
            WireClient here = one.connect();
            here.subscribe("news");
            WireClient there = other.connect();
            there.subscribe("news");
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int round = 0; round < 20; round++) {
                    String body = keyed("" + round, "round-" + round);
                    List<Future<HttpReply>> replies = new ArrayList<>();
                    for (int i = 0; i < 10; i++) {
                        TestServer server = i % 2 == 0 ? one : other;
                        replies.add(threads.submit(() -> server.api().post("/events", body)));
                    }
                    for (Future<HttpReply> reply : replies) {
                        assertEquals("200 {}", reply.get().status() + " " + reply.get().body());
                    }
                    assertEquals("" + round, here.next("x").data());
                    assertEquals("" + round, there.next("x").data());
                }
            }
            assertEquals(422, one.api().post("/events", keyed("else", "round-1")).status());
            here.assertNothingMore();
            there.assertNothingMore();
        }
    }
}
