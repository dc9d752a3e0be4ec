package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.WireClient;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
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
}
