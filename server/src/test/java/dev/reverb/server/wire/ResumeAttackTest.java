package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.Frame;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * Positions that no server gave, or gave for something else, and requests beyond what a client would send. Nobody gets
 * what is not of the channel, or anything twice, and the connection stays good.
 */
@WireTest
class ResumeAttackTest {

    private static final Credentials OTHER = new Credentials("other", "other-key", "other-secret");
    private static final String HISTORY = "history: [{channels: \"orders*\", count: 20, age: 60}, \"cache-*\"]";
    private static final int KEPT = 20;
    /** Of what is published beyond what a test numbers itself. */
    private static final AtomicInteger NUMBERS = new AtomicInteger(1_000);

    private static void start(HistoryStore store, TestServer server) {
        store.of(server);
        server.app(HISTORY).app(OTHER, HISTORY);
        store.reached(server);
    }

    private static String subscribe(String channel, String resume) {
        return "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + channel + "\",\"resume\":" + resume + "}}";
    }

    private static JsonNode resume(WireClient client, String channel, String resume) {
        client.send(subscribe(channel, resume));
        client.next("pusher_internal:subscription_succeeded");
        return Json.parse(client.next("pusher_internal:resumed").data());
    }

    private static String from(String position) {
        return "{\"position\":" + Json.quote(position) + "}";
    }

    private static void publish(TestServer server, String channel, int from, int to) {
        for (int i = from; i <= to; i++) {
            server.api().publish("e", channel + " " + i, channel);
        }
    }

    /** Of the channel, in order, none twice; and what is published now comes next. */
    private static void sound(TestServer server, WireClient client, String channel, JsonNode answer, String what) {
        int last = 0;
        int next = NUMBERS.incrementAndGet();
        for (int i = 0; i < answer.path("count").asInt(); i++) {
            String data = client.next("e").data();
            assertTrue(data.startsWith(channel + " "), what + " gave " + data);
            int number = Integer.parseInt(data.substring(channel.length() + 1));
            assertTrue(number > last, what + " gave " + number + " after " + last);
            last = number;
        }
        publish(server, channel, next, next);
        assertEquals(channel + " " + next, client.next("e").data(), what);
        client.assertNothingMore();
    }

    @ParameterizedTest
    @EnumSource
    void positionsThatAreNone(HistoryStore store, TestServer server) {
        start(store, server);
        publish(server, "orders", 1, 3);
        String max = Long.toString(Long.MAX_VALUE, 36);
        List<String> positions = new ArrayList<>(List.of("", " ", "x", "1", "1.", "1..", "1.x", "1.x.", "0.1-1-a-1",
                "2.1-1-a-1", "1.-1--1-a-1", "1.1-1-a", "1.1-1-a-1-1", "1.1-1--1", "1.1-1-\u00e4-1", "1.1-1-a b-1",
                "1.1-1-a-1.~", "1.1-1-a-1.~~b-1", "1.1-1-a-1.b", "1.1-1-a-1.b-", "1.1-1-a-1.-1", "1.1-1-a-1.b--1",
                "1.1-1-a-zzzzzzzzzzzzzz", "1." + max + "-" + max + "-a-" + max, "1.0-0-_-0", "1.0-0-__a-0",
                "1.0-0-_a-0", "1." + max + "-0-_0-0", "1.1-1-" + "a".repeat(65) + "-1", "\u0000", "\ud83d\ude00",
                "1.1-1-a-1\n", "1.1-1-a-1" + ".b-1".repeat(17), "1.1-1-a-1" + ".b-1".repeat(200), "%", "'\"\\", "]]>",
                "*", "-", "+", "0-0", "18446744073709551615-18446744073709551615", "1.1-1-a-1 2.2-2-b-2",
                "x".repeat(1000)));
        for (String position : positions) {
            WireClient client = server.connect();
            JsonNode answer = resume(client, "orders", from(position));
            assertFalse(answer.path("recovered").asBoolean(), position + ": " + answer);
            assertEquals("unknown_position", answer.path("reason").asString(), position);
            sound(server, client, "orders", answer, position);
            WireClient tail = server.connect();
            answer = resume(tail, "orders", "{\"fallback\":\"tail\",\"position\":" + Json.quote(position) + "}");
            assertTrue(answer.path("count").asInt() > 0, position + ": " + answer);
            tail.reset();
        }
        WireClient half = server.connect(); // no position has it, and what comes back is text
        assertTrue(
                resume(half, "orders", "{\"fallback\":\"tail\",\"position\":\"\\ud800\"}").path("count").asInt() > 0);
        half.reset();
        for (String wrong : List.of("{\"position\":1}", "{\"position\":true}", "{\"position\":[]}", "{\"position\":{}}",
                from("x".repeat(1001)), "{\"position\":\"x\"", "{\"rewind\":[1]}", "{\"rewind\":\"5\"}",
                "{\"rewind\":{\"count\":\"5\"}}", "{\"rewind\":{\"count\":1e3}}", "{\"rewind\":{\"count\":5.0}}",
                "{\"rewind\":{\"count\":0,\"seconds\":0}}", "{\"rewind\":{\"seconds\":-1}}",
                "{\"rewind\":{\"count\":1000000000}}", "{\"rewind\":{\"count\":true}}", "{\"socket_id\":1}",
                "{\"socket_id\":\"1.2.3\"}", "{\"socket_id\":\"-1.2\"}", "{\"socket_id\":\"\"}",
                "{\"fallback\":\"TAIL\"}", "{\"fallback\":\"\"}", "{\"fallback\":1}", "{\"fallback\":[]}", "true", "0",
                "[{}]", "\"{}\"")) {
            WireClient client = server.connect();
            client.send(subscribe("orders", wrong));
            Received error = client.next("pusher:error");
            assertTrue(error.data().contains("4200") || error.data().contains("4301") || wrong.endsWith("\"x\""),
                    wrong + ": " + error);
            client.assertNothingMore();
            client.subscribe("orders");
        }
        for (String right : List.of("null", "{}", "{\"position\":null}", "{\"position\":null,\"rewind\":null}",
                "{\"socket_id\":null,\"fallback\":null}", "{\"unknown\":[{\"position\":1}]}", "{\"socket_id\":\"1.2\"}",
                " { } ")) {
            WireClient client = server.connect();
            client.send(subscribe("orders", right));
            client.next("pusher_internal:subscription_succeeded");
            if (!right.equals("null")) {
                assertTrue(Json.parse(client.next("pusher_internal:resumed").data()).path("recovered").asBoolean(),
                        right);
            }
            client.assertNothingMore();
        }
    }

    /** All that can be made of a right position by changing one of its parts. */
    private static Set<String> variants(String position) {
        Set<String> variants = new LinkedHashSet<>();
        String[] parts = position.split("\\.");
        String[] fields = parts[1].split("-");
        List<String> values = List.of("0", "1", "zzzz", Long.toString(Long.MAX_VALUE, 36), "+1");
        for (int i = 0; i < fields.length; i++) {
            for (String value : i == 2 ? List.of("a", "_a", "_", "0123456789abcdef") : values) {
                String[] changed = fields.clone();
                changed[i] = value;
                variants.add(parts[0] + "." + String.join("-", changed));
            }
            if (i != 2) {
                String[] next = fields.clone();
                next[i] = Long.toString(Long.parseLong(fields[i], 36) + 1, 36);
                variants.add(parts[0] + "." + String.join("-", next));
                next[i] = Long.toString(Math.max(0, Long.parseLong(fields[i], 36) - 1), 36);
                variants.add(parts[0] + "." + String.join("-", next));
            }
        }
        variants.add(parts[0] + "." + parts[1] + ".nobody-" + Long.toString(Long.MAX_VALUE, 36));
        variants.add(parts[0] + "." + parts[1] + ".~nobody-" + Long.toString(Long.MAX_VALUE, 36));
        variants.add(parts[0] + ".x.nobody-1");
        variants.add(position.toUpperCase(java.util.Locale.ROOT));
        variants.add(position + ".");
        variants.add(position.substring(0, position.length() - 1));
        return variants;
    }

    @ParameterizedTest
    @EnumSource
    void positionsThatWereChanged(HistoryStore store, TestServer server) {
        start(store, server);
        WireClient first = server.connect();
        String nothing = resume(first, "orders", "{}").path("position").asString();
        publish(server, "orders", 1, 10);
        String middle = "";
        for (int i = 1; i <= 10; i++) {
            Received message = first.next("e");
            middle = i == 5 ? message.json().path("position").asString() : middle;
        }
        for (String position : List.of(nothing, middle)) {
            for (String changed : variants(position)) {
                WireClient client = server.connect();
                JsonNode answer = resume(client, "orders", from(changed));
                sound(server, client, "orders", answer, changed);
                client.reset();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void positionsOfOtherChannelsAndApplications(HistoryStore store, TestServer server) {
        start(store, server);
        List<String> positions = new ArrayList<>();
        for (String channel : List.of("orders", "orders1", "orders.1", "orders-1", "cache-orders")) {
            WireClient client = server.connect();
            positions.add(resume(client, channel, "{}").path("position").asString());
            if (channel.startsWith("cache-")) {
                client.next("pusher:cache_miss");
            }
            publish(server, channel, 1, 2);
            client.next("e");
            positions.add(client.next("e").json().path("position").asString());
        }
        WireClient other = server.connect(OTHER);
        positions.add(resume(other, "orders", "{}").path("position").asString());
        server.api(OTHER).publish("e", "secret", "orders");
        positions.add(other.next("e").json().path("position").asString());
        publish(server, "orders", 3, 5);
        for (String position : positions) {
            WireClient client = server.connect();
            sound(server, client, "orders", resume(client, "orders", from(position)), position);
            WireClient stranger = server.connect(OTHER);
            JsonNode answer = resume(stranger, "orders", from(position));
            for (int i = 0; i < answer.path("count").asInt(); i++) {
                assertEquals("secret", stranger.next("e").data());
            }
            stranger.assertNothingMore();
        }
    }

    @ParameterizedTest
    @EnumSource
    void onePositionForSeveralConnectionsAndAgainOnOne(HistoryStore store, TestServer server) {
        start(store, server);
        WireClient first = server.connect();
        String position = resume(first, "orders", "{}").path("position").asString();
        publish(server, "orders", 1, 5);
        List<WireClient> clients = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            WireClient client = server.connect();
            clients.add(client);
            client.send(subscribe("orders", from(position)));
        }
        for (WireClient client : clients) {
            client.next("pusher_internal:subscription_succeeded");
            JsonNode answer = Json.parse(client.next("pusher_internal:resumed").data());
            assertEquals(5, answer.path("count").asInt(), answer.toString());
            for (int i = 1; i <= 5; i++) {
                assertEquals("orders " + i, client.next("e").data());
            }
            client.assertNothingMore();
            assertEquals(5, resume(client, "orders", from(position)).path("count").asInt());
        }
        publish(server, "orders", 6, 6);
        for (WireClient client : clients) {
            for (int i = 1; i <= 6; i++) {
                assertEquals("orders " + i, client.next("e").data());
            }
            client.assertNothingMore();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHundredChannelsAtOnce(HistoryStore store, TestServer server) {
        start(store, server);
        int channels = 100;
        WireClient first = server.connect();
        String[] positions = new String[channels];
        for (int i = 0; i < channels; i++) {
            positions[i] = resume(first, "orders" + i, "{}").path("position").asString();
        }
        first.reset();
        for (int i = 0; i < channels; i++) {
            publish(server, "orders" + i, 1, 2);
        }
        WireClient second = server.connect();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < channels; i++) {
            all.writeBytes(Frame.text(subscribe("orders" + i, from(positions[i]))).encode());
        }
        second.sendBytes(all.toByteArray());
        int recovered = 0;
        List<String> messages = new ArrayList<>();
        while (recovered < channels || messages.size() < 2 * channels) {
            Received message = second.next();
            if (message.event().equals("pusher_internal:resumed")) {
                assertTrue(message.data().startsWith("{\"recovered\":true,\"count\":2"), message.toString());
                recovered++;
            } else if (message.event().equals("e")) {
                assertTrue(message.data().startsWith(message.channel() + " "), message.toString());
                messages.add(message.data());
            }
        }
        assertEquals(2 * channels, new LinkedHashSet<>(messages).size());
        second.assertNothingMore();
    }

    @ParameterizedTest
    @EnumSource
    void comingAndGoingFasterThanHistoriesAreRead(HistoryStore store, TestServer server) {
        start(store, server);
        publish(server, "orders", 1, KEPT);
        WireClient client = server.connect();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 50; i++) {
            all.writeBytes(Frame.text(subscribe("orders", "{\"rewind\":{\"count\":3}}")).encode());
            all.writeBytes(Frame.text("{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"orders\"}}").encode());
        }
        all.writeBytes(Frame.text(subscribe("orders", "{\"rewind\":{\"count\":2}}")).encode());
        client.sendBytes(all.toByteArray());
        // how many of the former ones were answered is a matter of time; the last one is whole
        JsonNode answer = Json.parse("{}");
        while (answer.path("count").asInt() != 2) {
            Received message = client.next();
            if (message.event().equals("pusher_internal:resumed")) {
                answer = Json.parse(message.data());
            }
        }
        sound(server, client, "orders", answer, "last");
    }

    @ParameterizedTest
    @EnumSource
    void rewindsOfEverySize(HistoryStore store, TestServer server) {
        start(store, server);
        publish(server, "orders", 1, KEPT + 5);
        for (String[] one : new String[][]{{"{\"count\":1}", "1"}, {"{\"count\":20}", "20"}, {"{\"count\":21}", "20"},
                {"{\"count\":999999999}", "20"}, {"{\"seconds\":999999999}", "20"}, {"{\"seconds\":3600}", "20"},
                {"{\"count\":007}", "7"}}) {
            WireClient client = server.connect();
            client.send(subscribe("orders", "{\"rewind\":" + one[0] + "}"));
            Received next = client.next();
            if (next.event().equals("pusher:error")) {
                assertEquals("{\"count\":007}", one[0], next.toString()); // no JSON
                continue;
            }
            JsonNode answer = Json.parse(client.next("pusher_internal:resumed").data());
            assertEquals(one[1], answer.path("count").asString(), one[0]);
            for (int i = KEPT + 6 - Integer.parseInt(one[1]); i <= KEPT + 5; i++) {
                assertEquals("orders " + i, client.next("e").data());
            }
            client.assertNothingMore();
        }
        // beside a position it counts for nothing
        WireClient client = server.connect();
        assertEquals(0,
                resume(client, "orders", "{\"position\":\"x\",\"rewind\":{\"count\":5}}").path("count").asInt());
        client.assertNothingMore();
    }

    @ParameterizedTest
    @EnumSource
    void aServerThatDrainsStillAnswers(HistoryStore store, TestServer server) throws Exception {
        server.env("REVERB_DRAIN_DURATION", "3s").env("REVERB_DRAIN_NOTICE", "1s");
        start(store, server);
        WireClient client = server.connect();
        String position = resume(client, "orders", "{}").path("position").asString();
        publish(server, "orders", 1, 3);
        for (int i = 1; i <= 3; i++) {
            client.next("e");
        }
        CompletableFuture<?> drain = server.drain();
        client.send(subscribe("orders1", "{\"rewind\":{\"count\":1}}"));
        client.send(subscribe("orders", from(position)));
        Received next = client.next();
        while (!next.event().equals("pusher_internal:resumed") || !next.channel().equals("orders")) {
            next = client.next();
        }
        assertEquals(3, Json.parse(next.data()).path("count").asInt(), next.toString());
        List<String> came = new ArrayList<>();
        while (came.size() < 3) {
            next = client.next();
            if (next.event().equals("e")) {
                came.add(next.data());
            }
        }
        assertEquals(List.of("orders 1", "orders 2", "orders 3"), came);
        client.awaitEnd();
        drain.get(60, TimeUnit.SECONDS);
    }
}
