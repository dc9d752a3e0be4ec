package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Values pass through untouched, byte for byte where they are only relayed. */
@WireTest
class PassthroughTest {

    private static final String HARD = "{\"big\":123456789012345678901234567890,\"exact\":1.10,\"tiny\":1e-400,"
            + "\"o\":{},\"a\":[],\"n\":null,\"t\":true,\"zero\":-0,\"exp\":1E+2,\"slash\":\"\\/\",\"u\":\"\\u00e9é\","
            + "\"pair\":\"\\ud83d\\ude00😀\",\"sep\":\"\u2028\",\"twice\":1,\"twice\":2, \"spaced\" :  [ 1 , 2 ] }";

    /** Every one is valid JSON; what is between the outer braces has to arrive as it was sent. */
    @ParameterizedTest
    @ValueSource(strings = {HARD, "{}", "[]", "null", "true", "false", "0", "-0.0", "1.0", "12345678901234567890123",
            "1e309", "\"\"", "\"text\"", "\"\\u0000\"", "\"\\/ / \\\" \\\\ \"", "\"{\\\"channel\\\":\\\"x\\\"}\"",
            "[[],{},[{}],\"\"]", "{\"event\":\"pusher:ping\",\"channel\":\"other\",\"user_id\":\"9\"}",
            "\"\uD83D\uDE00\"", "[ ]", "{ }"})
    void clientEventDataIsRelayedByteForByte(String data, TestServer server) {
        WireClient sender = server.connect();
        sender.subscribePrivate("private-room");
        WireClient receiver = server.connect();
        receiver.subscribePrivate("private-room");
        sender.send("{\"event\":\"client-x\",\"channel\":\"private-room\",\"data\":" + data + "}");
        Received got = receiver.next("client-x");
        assertTrue(got.text().contains("\"data\":" + data + ",") || got.text().contains("\"data\":" + data + "}"),
                "sent " + data + " but got " + got);
        assertEquals(3, got.json().size(), got.text());
        assertEquals("private-room", got.channel());
    }

    @Test
    void publishedDataIsRelayedByteForByte(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        server.api().publish("x", HARD, "news");
        Received got = client.next("x");
        assertEquals(HARD, got.data());
        assertEquals("news", got.channel());
        assertEquals(3, got.json().size(), got.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\\u0065scaped \\/ text\"", "\"\"", "\"\\ud83d\\ude00\"", "\"\\u0000\"",
            "\"plain é text\"", "\"\\b\\f\\n\\r\\t\""})
    void theStringOfPublishedDataKeepsItsMeaning(String data, TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        HttpReply reply = server.api()
                .post("/events", "{\"name\":\"x\",\"channels\":[\"news\"],\"data\":" + data + "}");
        assertEquals(200, reply.status(), reply.toString());
        assertEquals(Json.parse(data).asString(), client.next("x").data());
    }

    @Test
    void namesOfEventsKeepTheirMeaning(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        for (String name : new String[]{"App\\Events\\Sent", "a\"b", "é 😀", "with space", "client-like", "0"}) {
            server.api().publish(name, "{}", "news");
            assertEquals(name, client.next().event());
        }
    }

    @Test
    void aMembersDataArrivesUntouchedInEveryMessage(TestServer server) {
        String info = "{\"big\":123456789012345678901234567890,\"o\":{},\"a\":[],\"s\":\"\\/é\"}";
        String member = "{\"user_id\":\"1\",\"user_info\":" + info + "}";
        WireClient watcher = server.connect();
        watcher.subscribePresence("presence-room", "{\"user_id\":\"w\"}");
        Received own = server.connect().subscribePresence("presence-room", member);
        JsonNode hash = own.dataJson().path("presence").path("hash");
        assertEquals(Json.parse(info), hash.path("1"));
        assertTrue(own.data().contains(info), own.text());
        Received added = watcher.next("pusher_internal:member_added");
        assertEquals(Json.parse(member), added.dataJson());
        assertTrue(added.data().contains(info), added.text());
    }

    @Test
    void aCachedEventIsTheSameAsTheOneThatWasSent(TestServer server) {
        WireClient first = server.connect();
        first.subscribe("cache-news");
        first.next("pusher:cache_miss");
        server.api().publish("x", HARD, "cache-news");
        Received live = first.next("x");
        WireClient later = server.connect();
        later.subscribe("cache-news");
        assertEquals(live.text(), later.next("x").text());
    }
}
