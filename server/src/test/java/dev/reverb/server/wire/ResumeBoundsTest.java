package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.WireClient;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** What one returning client is sent, and how often it may have histories read. */
@WireTest
class ResumeBoundsTest {

    private static final int READS = 5_000;

    private static void ask(WireClient client, String channel, String resume) {
        client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + channel + "\",\"resume\":" + resume
                + "}}");
    }

    private static JsonNode resumed(WireClient client) {
        client.next("pusher_internal:subscription_succeeded");
        return Json.parse(client.next("pusher_internal:resumed").data());
    }

    @Test
    void aGapOfMoreThanIsSentIsTooLargeAndItsTailComesByChoice(TestServer server) {
        server.app("history: [{channels: orders, count: 10000, age: 300, bytes: 16MiB}]");
        server.env("REVERB_OUTBOUND_BUFFER", "16MiB");
        WireClient first = server.connect();
        ask(first, "orders", "{}");
        String position = resumed(first).path("position").asString();
        int size = 9_000;
        int count = (4 << 20) / size + 50;
        for (int i = 1; i <= count; i++) {
            server.api().publish("e", i + " " + "x".repeat(size), "orders");
        }
        WireClient second = server.connect();
        ask(second, "orders", "{\"position\":\"" + position + "\"}");
        JsonNode answer = resumed(second);
        assertFalse(answer.path("recovered").asBoolean());
        assertEquals("too_large", answer.path("reason").asString());
        assertEquals(0, answer.path("count").asInt());
        second.assertNothingMore();
        WireClient third = server.connect();
        ask(third, "orders", "{\"position\":\"" + position + "\",\"fallback\":\"tail\"}");
        answer = resumed(third);
        int sent = answer.path("count").asInt();
        assertTrue(sent > 0 && sent <= (4 << 20) / size, answer.toString());
        for (int i = count - sent + 1; i <= count; i++) {
            assertTrue(third.next("e").data().startsWith(i + " "), "message " + i);
        }
        // where it is now is known all the same
        server.api().publish("e", "last", "orders");
        assertEquals("last", third.next("e").data());
        assertEquals("last", second.next("e").data());
    }

    @Test
    void aConnectionThatHasHistoriesReadAgainAndAgainIsRefused(TestServer server) {
        server.app("history: [\"orders.*\"]").env("REVERB_MAX_SUBSCRIPTIONS", "1000000");
        WireClient client = server.connect();
        int asked = 0;
        int read = 0;
        boolean refused = false;
        while (!refused && asked < 100_000) {
            int until = asked + 100;
            for (int i = asked; i < until; i++) {
                ask(client, "orders." + i, "{\"rewind\":{\"count\":1}}");
            }
            for (; asked < until; asked++) {
                JsonNode answer = resumed(client);
                if (answer.path("recovered").asBoolean()) {
                    read++;
                } else {
                    assertEquals("unavailable", answer.path("reason").asString(), answer.toString());
                    refused = true;
                }
            }
        }
        assertTrue(refused, read + " reads were not refused");
        assertTrue(read >= READS, "refused after " + read);
        AtomicInteger next = new AtomicInteger(asked);
        Await.until("the rate allows one again", () -> {
            ask(client, "orders." + next.getAndIncrement(), "{\"rewind\":{\"count\":1}}");
            return resumed(client).path("recovered").asBoolean();
        });
        server.api().publish("e", "1", "orders.1");
        client.next("e");
        WireClient other = server.connect(); // has a rate of its own
        ask(other, "orders.1", "{\"rewind\":{\"count\":1}}");
        assertEquals(1, resumed(other).path("count").asInt());
        assertEquals("1", other.next("e").data());
    }

    @ParameterizedTest
    @EnumSource
    void largeHistoriesCountAsMany(HistoryStore store, TestServer server) {
        store.of(server);
        server.app("history: [orders]");
        store.reached(server);
        for (int i = 0; i < 100; i++) {
            server.api().publish("e", "x".repeat(10_000), "orders");
        }
        WireClient client = server.connect();
        String old = "1.1-1-0123456789abcdef-1";
        int asked = 0;
        boolean refused = false;
        while (!refused && asked < 200) {
            // what is read and not sent counts too
            ask(client, "orders", "{\"fallback\":\"none\",\"position\":\"" + old + "\"}");
            String reason = resumed(client).path("reason").asString();
            refused = reason.equals("unavailable");
            assertTrue(refused || reason.equals("unknown_position") || reason.equals("too_old"), reason);
            asked++;
        }
        assertTrue(refused, asked + " MiB were read");
        assertTrue(asked > 20, "refused after " + asked);
    }
}
