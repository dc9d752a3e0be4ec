package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.WireClient;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** {@code GET /apps/{id}/stats}: what a dashboard asks again and again. */
@WireTest
class StatsTest {

    private static String without(HttpReply reply, String field) {
        assertEquals(200, reply.status(), reply.body());
        return reply.body().replaceAll(",\"" + field + "\":\\d+", "");
    }

    @Test
    void connectionsAndMessagesOfTheApplicationAreCounted(TestServer server) {
        Credentials other = new Credentials("other", "other-key", "other-secret");
        server.app(other);
        long started = System.currentTimeMillis();
        WireClient one = server.connect();
        WireClient two = server.connect();
        server.connect(other);
        one.subscribe("news");
        two.subscribe("news");
        server.api().publish("x", "1", "news");
        one.next("x");
        two.next("x");
        HttpReply reply = server.api().get("/stats");
        assertEquals("{\"connections\":2,\"messages_sent\":6,\"messages_received\":2,\"nodes\":1}",
                without(reply, "since"));
        long since = Json.parse(reply.body()).path("since").asLong();
        assertTrue(since >= started - 1000 && since <= System.currentTimeMillis(), "since " + since);
        assertEquals("{\"connections\":1,\"messages_sent\":1,\"messages_received\":0,\"nodes\":1}",
                without(server.api(other).get("/stats"), "since"));
        assertEquals(6, server.metric("reverb_messages_sent_total", "\"app\""));
        assertEquals(1, server.metric("reverb_messages_sent_total", "\"other\""));
        assertEquals(405, server.api().post("/stats", "{}").status());
    }

    @Test
    void theyAreThoseOfAllServersAndStayWhenOneEnds(TestServer one, TestServer other) throws IOException {
        try (RedisProcess redis = RedisProcess.server()) {
            for (TestServer server : new TestServer[]{one, other}) {
                ScaledTest.scaled(server, redis);
                ScaledTest.awaitReached(server);
            }
            one.connect().subscribe("news");
            other.connect().subscribe("news");
            String both = "{\"connections\":2,\"messages_sent\":4,\"messages_received\":2,\"nodes\":2}";
            for (TestServer server : new TestServer[]{one, other}) {
                Await.until("both are counted", () -> without(server.api().get("/stats"), "since").equals(both));
            }
            other.stop();
            String left = "{\"connections\":1,\"messages_sent\":4,\"messages_received\":2,\"nodes\":1}";
            Await.until("one is gone", () -> without(one.api().get("/stats"), "since").equals(left));
        }
    }

    @Test
    void whileRedisIsAwayThereIsNoAnswerThatWouldLookLikeAReset(TestServer server) throws IOException {
        try (RedisProcess redis = RedisProcess.server()) {
            ScaledTest.scaled(server, redis);
            ScaledTest.awaitReached(server);
            assertEquals(200, server.api().get("/stats").status());
            redis.kill();
            Await.until("it is missed", () -> server.metric("reverb_redis_connected", "") == 0);
            assertEquals(503, server.api().get("/stats").status());
        }
    }
}
