package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Json;
import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Clients that return and get what they missed; clients that know nothing of it. */
@WireTest
class ResumeTest {

    private static final String HISTORY = "history: [{channels: \"orders*\", count: 5, age: 60}, \"cache-*\", \"p*\"]";

    private static JsonNode resume(WireClient client, String channel, String resume) {
        client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + channel + "\",\"resume\":" + resume
                + "}}");
        assertEquals(channel, client.next("pusher_internal:subscription_succeeded").channel());
        return resumed(client);
    }

    private static JsonNode resumed(WireClient client) {
        Received answer = client.next("pusher_internal:resumed");
        assertTrue(answer.json().path("data").isString(), answer.toString());
        return Json.parse(answer.data());
    }

    private static String from(String position) {
        return "{\"position\":\"" + position + "\"}";
    }

    private static String position(Received message) {
        String text = message.toString();
        assertTrue(message.json().path("position").isString(), text);
        return message.json().path("position").asString();
    }

    private static void publish(TestServer server, String channel, int from, int to) {
        for (int i = from; i <= to; i++) {
            server.api().publish("e", Integer.toString(i), channel);
        }
    }

    private static List<String> next(WireClient client, int count) {
        List<String> data = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            data.add(client.next("e").data());
        }
        return data;
    }

    @Test
    void whoReturnsGetsWhatItMissedInOrderOnceAndThenWhatIsNew(TestServer server) {
        server.app(HISTORY);
        WireClient first = server.connect();
        JsonNode begun = resume(first, "orders", "{}");
        assertEquals("{\"recovered\":true,\"count\":0}", begun.toString().replaceAll(",\"position\":\"[^\"]+\"", ""),
                begun.toString());
        publish(server, "orders", 1, 2);
        first.next("e");
        String position = position(first.next("e"));
        first.close();
        publish(server, "orders", 3, 5);
        WireClient second = server.connect();
        JsonNode answer = resume(second, "orders", from(position));
        assertTrue(answer.path("recovered").asBoolean(), answer.toString());
        assertEquals(3, answer.path("count").asInt());
        assertEquals(List.of("3", "4", "5"), next(second, 3));
        publish(server, "orders", 6, 6);
        assertEquals(List.of("6"), next(second, 1));
        second.assertNothingMore();
    }

    @Test
    void everyPositionLeadsToExactlyWhatFollowedIt(TestServer server) {
        server.app(HISTORY);
        WireClient first = server.connect();
        String[] positions = new String[6];
        positions[0] = resume(first, "orders", "{}").path("position").asString();
        for (int i = 1; i <= 5; i++) {
            publish(server, "orders", i, i);
            positions[i] = position(first.next("e"));
        }
        for (int i = 0; i <= 5; i++) {
            WireClient again = server.connect();
            JsonNode answer = resume(again, "orders", from(positions[i]));
            assertTrue(answer.path("recovered").asBoolean(), i + ": " + answer);
            assertEquals(5 - i, answer.path("count").asInt());
            for (int n = i + 1; n <= 5; n++) {
                Received message = again.next("e");
                assertEquals(Integer.toString(n), message.data());
                WireClient third = server.connect();
                assertEquals(5 - n, resume(third, "orders", from(position(message))).path("count").asInt());
            }
            again.assertNothingMore();
        }
    }

    @Test
    void aBatchToOneChannelIsResumedFromItsMiddle(TestServer server) {
        server.app(HISTORY);
        WireClient first = server.connect();
        resume(first, "orders", "{}");
        server.api()
                .post("/batch_events", "{\"batch\":[{\"name\":\"e\",\"channel\":\"orders\",\"data\":\"1\"},"
                        + "{\"name\":\"e\",\"channel\":\"orders\",\"data\":\"2\"}]}");
        String position = position(first.next("e"));
        WireClient second = server.connect();
        assertEquals(1, resume(second, "orders", from(position)).path("count").asInt());
        assertEquals(List.of("2"), next(second, 1));
    }

    @Test
    void theMessageIsTheSameButForThePositionAtItsEnd(TestServer server) {
        server.app(HISTORY);
        WireClient plain = server.connect();
        plain.subscribe("orders");
        WireClient knows = server.connect();
        resume(knows, "orders", "{}");
        server.api().publish("e", "{\"a\":1}", "orders");
        Received message = plain.next("e");
        assertFalse(message.json().has("position"));
        Received positioned = knows.next("e");
        assertEquals(message.text().substring(0, message.text().length() - 1) + ",\"position\":\""
                + position(positioned) + "\"}", positioned.text());
    }

    @Test
    void aGapThatIsTooOldIsSaidAndTheTailComesByChoice(TestServer server) {
        server.app(HISTORY);
        WireClient first = server.connect();
        String position = resume(first, "orders", "{}").path("position").asString();
        publish(server, "orders", 1, 7);
        WireClient second = server.connect();
        JsonNode answer = resume(second, "orders", from(position));
        assertFalse(answer.path("recovered").asBoolean());
        assertEquals("too_old", answer.path("reason").asString());
        assertEquals(0, answer.path("count").asInt());
        String now = answer.path("position").asString();
        second.assertNothingMore();
        WireClient third = server.connect();
        answer = resume(third, "orders", "{\"fallback\":\"tail\",\"position\":\"" + position + "\"}");
        assertEquals("too_old", answer.path("reason").asString());
        assertEquals(List.of("3", "4", "5", "6", "7"), next(third, 5));
        third.assertNothingMore();
        WireClient fourth = server.connect();
        assertTrue(resume(fourth, "orders", from(now)).path("recovered").asBoolean());
    }

    @Test
    void rewindGivesTheLastMessages(TestServer server) {
        server.app(HISTORY);
        publish(server, "orders", 1, 4);
        WireClient client = server.connect();
        JsonNode answer = resume(client, "orders", "{\"rewind\":{\"count\":2}}");
        assertTrue(answer.path("recovered").asBoolean());
        assertEquals(2, answer.path("count").asInt());
        assertEquals(List.of("3", "4"), next(client, 2));
        WireClient other = server.connect();
        assertEquals(4, resume(other, "orders", "{\"rewind\":{\"seconds\":30}}").path("count").asInt());
        assertEquals(List.of("1", "2", "3", "4"), next(other, 4));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "1.1-1-0123456789abcdef-1", "1.x", "", "1.", "1.0-zzzzz-_0-0.a-b-c"})
    void aPositionOfAnotherHistoryIsUnknown(String position, TestServer server) {
        server.app(HISTORY);
        publish(server, "orders", 1, 1);
        JsonNode answer = resume(server.connect(), "orders", from(position));
        assertEquals("unknown_position", answer.path("reason").asString(), answer.toString());
        assertTrue(answer.has("position"));
    }

    @Test
    void aChannelThatKeepsNothingSaysSo(TestServer server) {
        server.app(HISTORY);
        WireClient client = server.connect();
        JsonNode answer = resume(client, "news", "{\"rewind\":{\"count\":2}}");
        assertEquals("{\"recovered\":false,\"reason\":\"no_history\",\"count\":0}", answer.toString());
        server.api().publish("e", "1", "news");
        assertFalse(client.next("e").json().has("position"));
    }

    @Test
    void aBackEndReadsTheHistoryPageByPage(TestServer server) {
        server.app(HISTORY);
        publish(server, "orders", 1, 5);
        JsonNode last = server.api().get("/channels/orders/history", "count", "2").json();
        assertEquals("4", last.path("messages").get(0).path("data").asString());
        assertEquals("e", last.path("messages").get(1).path("event").asString());
        assertEquals("5", last.path("messages").get(1).path("data").asString());
        assertTrue(last.path("messages").get(0).path("time_ms").asLong() > 1_600_000_000_000L);
        JsonNode before = server.api()
                .get("/channels/orders/history", "count", "2", "before", last.path("next").asString())
                .json();
        assertEquals("2", before.path("messages").get(0).path("data").asString());
        assertEquals("3", before.path("messages").get(1).path("data").asString());
        String first = before.path("messages").get(0).path("position").asString();
        JsonNode after = server.api().get("/channels/orders/history", "after", first).json();
        assertEquals(3, after.path("messages").size());
        assertTrue(after.path("next").isNull());
        WireClient client = server.connect();
        assertEquals(3, resume(client, "orders", from(first)).path("count").asInt());
        assertEquals(404, server.api().get("/channels/news/history").status());
        assertEquals(404, server.api().get("/channels/orders/history", "after", "1.0-1-0123456789abcdef-1").status());
        assertEquals(400, server.api().get("/channels/orders/history", "count", "0").status());
        assertEquals(400, server.api().get("/channels/orders/history", "after", "x").status());
    }

    @Test
    void whatLeftTheOldConnectionOutIsNotReplayedToIt(TestServer server) {
        server.app(HISTORY);
        WireClient first = server.connect();
        String position = resume(first, "orders", "{}").path("position").asString();
        server.api()
                .post("/events", "{\"name\":\"e\",\"channel\":\"orders\",\"data\":\"mine\",\"socket_id\":\""
                        + first.socketId() + "\"}");
        publish(server, "orders", 2, 2);
        WireClient second = server.connect();
        JsonNode answer = resume(second, "orders",
                "{\"position\":\"" + position + "\",\"socket_id\":\"" + first.socketId() + "\"}");
        assertEquals(1, answer.path("count").asInt());
        assertEquals(List.of("2"), next(second, 1));
    }

    @Test
    void aCacheChannelSendsItsEventOnlyWhereNothingIsReplayed(TestServer server) {
        server.app(HISTORY);
        WireClient first = server.connect();
        String position = resume(first, "cache-a", "{}").path("position").asString();
        first.next("pusher:cache_miss");
        publish(server, "cache-a", 1, 2);
        WireClient second = server.connect();
        assertEquals(2, resume(second, "cache-a", from(position)).path("count").asInt());
        assertEquals(List.of("1", "2"), next(second, 2));
        second.assertNothingMore();
        WireClient lost = server.connect();
        resume(lost, "cache-a", from("gone"));
        assertEquals(List.of("2"), next(lost, 1));
        WireClient none = server.connect();
        resume(none, "cache-a", "{\"position\":\"gone\",\"fallback\":\"none\"}");
        none.assertNothingMore();
    }

    @Test
    void aPrivateChannelIsReadWithAFreshSignatureOnly(TestServer server) {
        server.app(HISTORY);
        server.api().publish("e", "1", "private-a");
        WireClient client = server.connect();
        client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-a\",\"auth\":\"app-key:00\","
                + "\"resume\":{\"rewind\":{\"count\":1}}}}");
        client.next("pusher:error");
        client.assertNothingMore();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "[]", "\"x\"", "{\"position\":1}", "{\"rewind\":{}}", "{\"rewind\":{\"count\":0}}",
            "{\"rewind\":{\"count\":1,\"seconds\":1}}", "{\"rewind\":{\"count\":-1}}", "{\"fallback\":\"all\"}",
            "{\"socket_id\":\"x\"}", "{\"rewind\":{\"count\":1.5}}", "{\"rewind\":{\"seconds\":9999999999}}"})
    void aMalformedRequestIsRefusedAndTheConnectionStays(String resume, TestServer server) {
        server.app(HISTORY);
        WireClient client = server.connect();
        client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"orders\",\"resume\":" + resume + "}}");
        JsonNode error = Json.parse(client.next("pusher:error").data());
        assertEquals(4200, error.path("code").asInt());
        assertTrue(error.path("message").asString().contains("resume"), error.toString());
        client.subscribe("orders");
    }
}
