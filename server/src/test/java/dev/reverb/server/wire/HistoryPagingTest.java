package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.WireClient;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** {@code GET channels/{c}/history}: every message once, whichever way a back end reads, and nothing of others. */
@WireTest
class HistoryPagingTest {

    private static final Credentials OTHER = new Credentials("other", "other-key", "other-secret");
    private static final int MESSAGES = 50;

    private static void start(HistoryStore store, TestServer server) {
        store.of(server);
        for (Credentials app : List.of(TestServer.APP, OTHER)) {
            server.app(app, "channel_names: any", "history: [{channels: \"*\", count: 200, age: 60}]");
        }
        store.reached(server);
    }

    private static void publish(ApiClient api, String channel, int from, int to) {
        for (int i = from; i <= to; i++) {
            api.publish("e", Integer.toString(i), channel);
        }
    }

    private static List<Integer> numbers(JsonNode page) {
        List<Integer> numbers = new ArrayList<>();
        page.path("messages").forEach(message -> numbers.add(Integer.valueOf(message.path("data").asString())));
        return numbers;
    }

    private static List<Integer> all(int from, int to) {
        return IntStream.rangeClosed(from, to).boxed().toList();
    }

    private static JsonNode page(TestServer server, String channel, String... query) {
        HttpReply reply = server.api().get("/channels/" + channel + "/history", query);
        assertEquals(200, reply.status(), reply.body());
        return reply.json();
    }

    @ParameterizedTest
    @EnumSource
    void bothWaysByPagesOfEverySize(HistoryStore store, TestServer server) {
        start(store, server);
        publish(server.api(), "orders", 1, MESSAGES);
        for (int count : new int[]{1, 7, 25, 49, 50, 51, 1000}) {
            String size = Integer.toString(count);
            List<Integer> backward = new ArrayList<>();
            JsonNode page = page(server, "orders", "count", size);
            String first = "";
            while (!page.path("messages").isEmpty()) {
                backward.addAll(0, numbers(page));
                first = page.path("messages").get(0).path("position").asString();
                assertEquals(first, page.path("next").asString(), "what was older comes before the first");
                page = page(server, "orders", "count", size, "before", page.path("next").asString());
            }
            assertTrue(page.path("next").isNull());
            assertEquals(all(1, MESSAGES), backward, "backward by " + count);
            List<Integer> forward = new ArrayList<>();
            page = page(server, "orders", "count", size, "after", first);
            forward.addAll(numbers(page));
            while (!page.path("next").isNull()) {
                page = page(server, "orders", "count", size, "after", page.path("next").asString());
                forward.addAll(numbers(page));
            }
            assertEquals(all(2, MESSAGES), forward, "forward by " + count);
        }
        assertEquals(all(1, MESSAGES), numbers(page(server, "orders")), "100 unless it is said");
    }

    @ParameterizedTest
    @EnumSource
    void whatIsPublishedMeanwhileComesAtTheEnd(HistoryStore store, TestServer server) {
        start(store, server);
        publish(server.api(), "orders", 1, 10);
        JsonNode newest = page(server, "orders", "count", "4");
        publish(server.api(), "orders", 11, 15);
        assertEquals(all(3, 6),
                numbers(page(server, "orders", "count", "4", "before", newest.path("next").asString())));
        String last = newest.path("messages").get(3).path("position").asString();
        JsonNode more = page(server, "orders", "count", "3", "after", last);
        assertEquals(all(11, 13), numbers(more));
        publish(server.api(), "orders", 16, 16);
        more = page(server, "orders", "count", "3", "after", more.path("next").asString());
        assertEquals(all(14, 16), numbers(more));
        assertTrue(more.path("next").isNull());
        String end = more.path("messages").get(2).path("position").asString();
        assertEquals("{\"messages\":[],\"next\":null}",
                server.api().get("/channels/orders/history", "after", end).body());
        String oldest = page(server, "orders").path("messages").get(0).path("position").asString();
        assertEquals("{\"messages\":[],\"next\":null}",
                server.api().get("/channels/orders/history", "before", oldest).body());
    }

    @ParameterizedTest
    @EnumSource
    void wrongQuestions(HistoryStore store, TestServer server) {
        start(store, server);
        publish(server.api(), "orders", 1, 5);
        publish(server.api(), "news", 1, 5);
        String position = page(server, "orders").path("messages").get(2).path("position").asString();
        for (String[] query : new String[][]{{"count", "0"}, {"count", "-1"}, {"count", "1001"}, {"count", "1.5"},
                {"count", ""}, {"count", "ten"}, {"count", "99999999999"}, {"count", " 5"}, {"count", "0x5"},
                {"after", ""}, {"after", "x"}, {"after", "1.x"}, {"before", ""}, {"before", "1"}, {"before", "\u00e4"},
                {"after", "1.1-1-a-1" + ".b-1".repeat(40)}, {"after", "x".repeat(3000)},
                {"after", position, "before", position}}) {
            HttpReply reply = server.api().get("/channels/orders/history", query);
            assertEquals(400, reply.status(), String.join("=", query) + ": " + reply.body());
            assertTrue(reply.body().contains("count=1 to 1000"), reply.body());
        }
        String elsewhere = page(server, "news").path("messages").get(4).path("position").asString();
        String max = Long.toString(Long.MAX_VALUE, 36);
        List<String> unknown = new ArrayList<>(
                List.of("1.0-1-0123456789abcdef-1", "1." + max + "-" + max + "-a-" + max, "1.0-0-_0-0"));
        if (store == HistoryStore.REDIS) {
            unknown.add(elsewhere);
            unknown.add(position.replaceFirst("-[0-9a-z]+$", "-zzzz"));
        }
        for (String one : unknown) {
            HttpReply reply = server.api().get("/channels/orders/history", "after", one);
            assertEquals(404, reply.status(), one + ": " + reply.body());
            // what is older than any place in time can be said all the same
            assertEquals(200, server.api().get("/channels/orders/history", "before", one).status());
        }
        ApiClient stranger = server.api(OTHER);
        assertEquals("{\"messages\":[],\"next\":null}", stranger.get("/channels/orders/history").body());
        HttpReply forged = server.api()
                .send(server.api().request("GET", "/channels/orders/history").param("auth_signature", "00"));
        assertTrue(forged.status() == 401 || forged.status() == 400, forged.body());
        HttpReply foreign = stranger.send(stranger.requestTo("GET", "/apps/app/channels/orders/history"));
        assertEquals(401, foreign.status(), foreign.body());
    }

    @ParameterizedTest
    @EnumSource
    void namesThatBeginOrLookAlikeAreApart(HistoryStore store, TestServer server) {
        start(store, server);
        List<String> names = List.of("a", "a:b", "b", "a.b", "a b", "a%20b", "a{b}c", "}", "{", "a*", "*", "'", "\"",
                "\\", "\u00fc", "\ud83d\ude00", "a/b", "a?b=c", "a&b", "app:a", ":", "%", "+", "a+b", "cache-a",
                "presence-a", "private-a", "private-encrypted-a", "private-cache-a", "x".repeat(160), "x".repeat(159));
        for (String name : names) {
            server.api().post("/events", ApiClient.event("e", name, name));
            server.api(OTHER).post("/events", ApiClient.event("e", "other " + name, name));
        }
        for (String name : names) {
            String path = "/channels/" + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20")
                    + "/history";
            HttpReply reply = server.api().get(path);
            assertEquals(200, reply.status(), name + ": " + reply.body());
            JsonNode messages = reply.json().path("messages");
            assertEquals(1, messages.size(), name + ": " + reply.body());
            assertEquals(name, messages.get(0).path("data").asString());
            assertEquals("other " + name,
                    server.api(OTHER).get(path).json().path("messages").get(0).path("data").asString());
        }
    }

    @ParameterizedTest
    @EnumSource
    void messagesComeAsTheyWerePublished(HistoryStore store, TestServer server) {
        start(store, server);
        String secret = "{\"nonce\":\"4sVYwy4j/8dCcjyxtPCWyk19GaaViaW9\",\"ciphertext\":\"/GMESnFGlbNn01BuBjp31XYa\"}";
        server.api().publish("e", secret, "private-encrypted-a");
        String odd = "\u0000\u0001\"\\/\n\u2028\ud83d\ude00 </script>";
        server.api().publish("e\"\\\n", odd, "private-encrypted-a");
        JsonNode messages = page(server, "private-encrypted-a").path("messages");
        assertEquals(secret, messages.get(0).path("data").asString());
        assertEquals(odd, messages.get(1).path("data").asString());
        assertEquals("e\"\\\n", messages.get(1).path("event").asString());
        WireClient client = server.connect();
        client.subscribePresence("presence-a", "{\"user_id\":\"7\"}");
        WireClient watching = server.connect();
        watching.subscribePresence("presence-a", "{\"user_id\":\"8\"}");
        client.sendEvent("client-typing", "presence-a", "{\"a\":1}");
        watching.next("client-typing");
        // clients of this server have it before it is written
        Await.until("it is kept", () -> !page(server, "presence-a").path("messages").isEmpty());
        JsonNode message = page(server, "presence-a").path("messages").get(0);
        assertEquals("client-typing", message.path("event").asString());
        assertEquals("7", message.path("user_id").asString());
        assertEquals(1, Json.parse(message.path("data").toString()).path("a").asInt(), message.toString());
        assertEquals(1, page(server, "presence-a").path("messages").size(), "events of members are not kept");
    }
}
