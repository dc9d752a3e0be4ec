package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.Frame;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Channels that keep their last event. */
@WireTest
class CacheChannelTest {

    @Test
    void whoJoinsAnEmptyCacheIsToldOfTheMissAfterItsSubscription(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("cache-a");
        assertEquals(Json.parse("{\"event\":\"pusher:cache_miss\",\"channel\":\"cache-a\"}"), client.next().json());
    }

    @Test
    void whoJoinsLaterGetsTheLastEventOnly(TestServer server) {
        WireClient early = server.connect();
        early.subscribe("cache-a");
        early.next("pusher:cache_miss");
        server.api().publish("first", "1", "cache-a");
        server.api().publish("second", "2", "cache-a");
        early.next("first");
        early.next("second");
        WireClient late = server.connect();
        late.subscribe("cache-a");
        Received cached = late.next("second");
        assertEquals("2", cached.data());
        assertEquals("cache-a", cached.channel());
        late.assertNothingMore();
        early.assertNothingMore();
    }

    @Test
    void theEventIsKeptWhileNobodyIsSubscribed(TestServer server) {
        server.api().publish("before", "1", "cache-a");
        WireClient client = server.connect();
        client.subscribe("cache-a");
        client.next("before");
        client.unsubscribe("cache-a").assertNothingMore();
        client.subscribe("cache-a");
        client.next("before");
        client.send(Frame.close(1000, "")).awaitClose(1000);
        WireClient other = server.connect();
        other.subscribe("cache-a");
        other.next("before");
    }

    @Test
    void clientEventsAreNotCached(TestServer server) {
        server.api().publish("kept", "1", "private-cache-a");
        WireClient sender = server.connect();
        sender.subscribePrivate("private-cache-a");
        sender.next("kept");
        WireClient receiver = server.connect();
        receiver.subscribePrivate("private-cache-a");
        receiver.next("kept");
        sender.sendEvent("client-x", "private-cache-a", "{}");
        receiver.next("client-x");
        WireClient late = server.connect();
        late.subscribePrivate("private-cache-a");
        late.next("kept");
        late.assertNothingMore();
    }

    @Test
    void memberEventsAreNotCached(TestServer server) {
        WireClient one = server.connect();
        one.subscribePresence("presence-cache-a", "{\"user_id\":\"1\"}");
        one.next("pusher:cache_miss");
        WireClient two = server.connect();
        two.subscribePresence("presence-cache-a", "{\"user_id\":\"2\"}");
        two.next("pusher:cache_miss");
    }

    @Test
    void otherChannelsKeepNothing(TestServer server) {
        server.api().publish("gone", "1", "news", "private-a", "presence-a");
        WireClient client = server.connect();
        client.subscribe("news");
        client.assertNothingMore();
        client.subscribePrivate("private-a");
        client.assertNothingMore();
    }

    @Test
    void theCacheForgetsAfterItsTtl(TestServer server) {
        server.app("cache_ttl: 1");
        server.api().publish("short", "1", "cache-a");
        long start = System.nanoTime();
        WireClient client = server.connect();
        client.subscribe("cache-a");
        client.next("short");
        Await.until("the cache to forget", () -> {
            client.unsubscribe("cache-a");
            client.subscribe("cache-a");
            return client.next().event().equals("pusher:cache_miss");
        });
        double after = (System.nanoTime() - start) / 1e9;
        assertTrue(after > 0.5 && after < 30, "forgotten after " + after + " s");
    }

    @Test
    void theCacheForgetsAlsoWhileSomebodyIsSubscribed(TestServer server) {
        server.app("cache_ttl: 1");
        WireClient stays = server.connect();
        stays.subscribe("cache-a");
        stays.next("pusher:cache_miss");
        long start = System.nanoTime();
        server.api().publish("short", "1", "cache-a");
        stays.next("short");
        WireClient comes = server.connect();
        Await.until("the cache to forget", () -> {
            comes.subscribe("cache-a");
            boolean forgot = comes.next().event().equals("pusher:cache_miss");
            comes.unsubscribe("cache-a");
            return forgot;
        });
        double after = (System.nanoTime() - start) / 1e9;
        assertTrue(after > 0.9 && after < 30, "forgotten after " + after + " s");
        assertFalse(server.api().get("/channels/cache-a", "info", "cache").json().has("cache"));
        stays.assertNothingMore();
        // an event published anew begins a time of its own
        server.api().publish("next", "2", "cache-a");
        comes.subscribe("cache-a");
        comes.next("next");
    }

    @Test
    void theApiTellsTheCachedEventAndItsTtl(TestServer server) {
        server.connect().subscribe("cache-a");
        server.api().publish("x", "{\"v\":1}", "cache-a");
        JsonNode reply = server.api().get("/channels/cache-a", "info", "cache").json();
        assertTrue(reply.path("occupied").asBoolean(), reply.toString());
        JsonNode cache = reply.path("cache");
        assertTrue(cache.path("data").isString() && cache.path("data").asString().contains("{\"v\":1}"),
                reply.toString());
        int ttl = cache.path("ttl").asInt();
        assertTrue(ttl > 1700 && ttl <= 1800, "30 minutes: " + reply);
    }

    @Test
    void theApiTellsNoCacheWhereThereIsNone(TestServer server) {
        server.connect().subscribe("news");
        server.connect().subscribe("cache-empty");
        assertFalse(server.api().get("/channels/news", "info", "cache").json().has("cache"));
        JsonNode empty = server.api().get("/channels/cache-empty", "info", "cache").json().path("cache");
        assertTrue(empty.isMissingNode() || empty.isNull() || empty.isEmpty(), empty.toString());
    }

    @Test
    void anEventThatExcludesASocketIsCachedForTheNext(TestServer server) {
        WireClient sender = server.connect();
        sender.subscribe("cache-a");
        sender.next("pusher:cache_miss");
        HttpReply reply = server.api()
                .post("/events", "{\"name\":\"x\",\"channel\":\"cache-a\",\"data\":\"1\"," + "\"socket_id\":\""
                        + sender.socketId() + "\"}");
        assertEquals(200, reply.status());
        sender.assertNothingMore();
        WireClient late = server.connect();
        late.subscribe("cache-a");
        late.next("x");
    }

    @Test
    void aBatchLeavesItsLastEventInTheCache(TestServer server) {
        HttpReply reply = server.api()
                .post("/batch_events", "{\"batch\":[" + "{\"name\":\"one\",\"channel\":\"cache-a\",\"data\":\"1\"},"
                        + "{\"name\":\"two\",\"channel\":\"cache-a\",\"data\":\"2\"}]}");
        assertEquals(200, reply.status(), reply.toString());
        WireClient late = server.connect();
        late.subscribe("cache-a");
        assertEquals("2", late.next("two").data());
    }
}
