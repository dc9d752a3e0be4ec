package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.WireClient;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What histories of many channels take stays within its bound, and clients learn what had to go. */
@WireTest
class HistoryBoundsTest {

    private static final Credentials OTHER = new Credentials("other", "other-key", "other-secret");
    private static final String HISTORY = "history: [{channels: \"*\", count: 100, age: 1h, bytes: 1MiB}]";
    private static final int BOUND = 8 << 20;
    private static final int BATCH = 10;
    private static final int EVENT = 8_000;
    private static final int EVENTS = 2 * BOUND / EVENT / BATCH * BATCH;
    private static final String MESSAGES = """
        local bytes = 0
        for _, key in ipairs(redis.call('KEYS', '*:hist:*')) do
          for _, entry in ipairs(redis.call('XRANGE', key, '-', '+')) do
            bytes = bytes + #entry[2][8]
          end
        end
        return bytes""";
    /** What the sums say less what there is; 0 where nothing is counted twice or not at all. */
    private static final String DEVIATION = """
        local bytes, said = 0, 0
        for _, key in ipairs(redis.call('KEYS', '*:hist:*')) do
          for _, entry in ipairs(redis.call('XRANGE', key, '-', '+')) do
            bytes = bytes + #entry[2][8] + 150
          end
          bytes = bytes + 1000
        end
        for _, key in ipairs(redis.call('KEYS', '*:happs')) do
          said = said + tonumber(redis.call('HGET', key, '%') or '0')
        end
        return said - bytes""";

    private static void bounded(TestServer server, @Nullable RedisProcess redis) {
        server.env("REVERB_HISTORY_MEMORY", "16MiB").env("REVERB_HISTORY_MEMORY_PER_APP", "8MiB");
        server.app(HISTORY).app(OTHER, HISTORY);
        if (redis != null) {
            ScaledTest.scaled(server, redis);
            ScaledTest.awaitReached(server);
        }
    }

    private static long number(RedisProcess redis, String script) {
        return Long.parseLong(redis.command("EVAL", script, "0").substring(1).strip());
    }

    private static JsonNode resume(WireClient client, String channel, String resume) {
        client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + channel + "\",\"resume\":" + resume
                + "}}");
        client.next("pusher_internal:subscription_succeeded");
        return Json.parse(client.next("pusher_internal:resumed").data());
    }

    private static String position(TestServer server, String channel) {
        return "{\"position\":\"" + resume(server.connect(), channel, "{}").path("position").asString() + "\"}";
    }

    /** Twice the bound, evenly over many channels; what is measured meanwhile never passes it. */
    private static void flood(TestServer server, @Nullable RedisProcess redis) {
        String data = "x".repeat(EVENT);
        for (int i = 0; i < EVENTS; i += BATCH) {
            StringBuilder batch = new StringBuilder("{\"batch\":[");
            for (int k = 0; k < BATCH; k++) {
                batch.append(k == 0 ? "" : ",")
                        .append("{\"name\":\"e\",\"channel\":\"many.")
                        .append(i + k)
                        .append("\",\"data\":\"")
                        .append(data)
                        .append("\"}");
            }
            assertEquals(200, server.api().post("/batch_events", batch.append("]}").toString()).status());
            if (i % 500 == 0) {
                double taken = server.metric("reverb_history_bytes", "app=\"app\"");
                assertTrue(taken <= BOUND, "metric " + taken + " after " + i);
                if (redis != null) {
                    long bytes = number(redis, MESSAGES);
                    assertTrue(bytes <= BOUND, bytes + " bytes in Redis after " + i);
                }
            }
        }
    }

    private static void staysFlat(TestServer server, @Nullable RedisProcess redis) {
        String early = position(server, "many.0");
        String quiet = position(server, "quiet");
        server.api(OTHER).publish("e", "kept", "small");
        flood(server, redis);
        JsonNode gone = resume(server.connect(), "many.0", early);
        assertEquals("too_old", gone.path("reason").asString(), gone.toString());
        JsonNode whole = resume(server.connect(), "quiet", quiet);
        assertTrue(whole.path("recovered").asBoolean(), whole.toString());
        String last = "many." + (EVENTS - 1);
        JsonNode rewound = resume(server.connect(), last, "{\"rewind\":{\"count\":5}}");
        assertEquals(1, rewound.path("count").asInt(), rewound.toString());
        // another application loses nothing
        assertEquals(1, server.api(OTHER).get("/channels/small/history").json().path("messages").size());
        Await.until("the meter counts what went",
                () -> server.metric("reverb_history_dropped_total", "app=\"app\"") > EVENTS / 3.0);
        Await.until("the meter has what there is", () -> server.metric("reverb_history_bytes", "app=\"app\"") > EVENT);
        assertEquals(0.0, server.metric("reverb_history_dropped_total", "app=\"other\""));
    }

    @Test
    void inMemory(TestServer server) {
        bounded(server, null);
        staysFlat(server, null);
    }

    @Test
    void inRedis(TestServer server) throws IOException {
        try (RedisProcess redis = RedisProcess.server()) {
            bounded(server, redis);
            staysFlat(server, redis);
            assertEquals(0, number(redis, DEVIATION));
        }
    }

    @Test
    void whatHasEndedIsNoLongerCounted(TestServer server) throws IOException {
        try (RedisProcess redis = RedisProcess.server()) {
            ScaledTest.scaled(server, redis);
            server.app("history: [{channels: \"*\", count: 100, age: 2s}]");
            ScaledTest.awaitReached(server);
            for (int i = 0; i < 50; i++) {
                server.api().publish("e", "x", "many." + i);
            }
            Await.until("it is counted", () -> server.metric("reverb_history_bytes", "app=\"app\"") > 0);
            Await.until("it has ended", () -> server.metric("reverb_history_bytes", "app=\"app\"") == 0
                    && redis.command("EVAL", "return #redis.call('KEYS', '*:happs')", "0").equals(":0\r\n"));
        }
    }
}
