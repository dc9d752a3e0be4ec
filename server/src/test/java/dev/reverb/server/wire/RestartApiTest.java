package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.WireClient;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** {@code POST /apps/{id}/restart}. */
@WireTest
class RestartApiTest {

    @Test
    void nobodyRestartsAServerUnlessItsApplicationMay(TestServer server) {
        WireClient client = server.connect();
        HttpReply refused = server.api().post("/restart", "");
        assertEquals(403, refused.status());
        assertEquals(
                "{\"error\":\"The application app may not restart servers: allow_restart (REVERB_APP_ALLOW_RESTART)"
                        + " is not true\"}",
                refused.body());
        assertEquals(1, server.metric("reverb_rejections_total", "\"not_allowed\""));
        assertEquals(0, server.metric("reverb_drain_active", ""));
        client.subscribe("news");
    }

    @Test
    void itTakesTheSecretOfTheApplicationThatMay(TestServer server) {
        Credentials other = new Credentials("other", "other-key", "other-secret");
        server.app("allow_restart: true").app(other);
        assertEquals(401, server.api(new Credentials("app", "app-key", "wrong")).post("/restart", "").status());
        assertEquals(401,
                server.api(new Credentials("app", "other-key", "other-secret")).post("/restart", "").status());
        assertEquals(403, server.api(other).post("/restart", "").status());
        assertEquals(405, server.api().get("/restart").status());
        server.connect().subscribe("news");
    }

    @Test
    void aServerThatIsAloneAnswersAndDrains(TestServer server) {
        server.app("allow_restart: true");
        WireClient client = server.connect();
        HttpReply reply = server.api().post("/restart", "");
        assertEquals(200, reply.status());
        assertEquals("{\"nodes\":1}", reply.body());
        client.awaitClose(4100);
        server.drain().join();
    }

    @Test
    void allServersOfAClusterRestartOneAfterTheOther(TestServer one, TestServer other, TestServer successor)
            throws IOException {
        try (RedisProcess redis = RedisProcess.server()) {
            for (TestServer server : new TestServer[]{one, other, successor}) {
                ScaledTest.scaled(server, redis);
                server.app("allow_restart: true").file("drain: {duration: 0s}");
            }
            ScaledTest.awaitReached(one);
            ScaledTest.awaitReached(other);
            Await.until("each knows of both",
                    () -> one.metric("reverb_scaling_nodes", "") == 2 && other.metric("reverb_scaling_nodes", "") == 2);
            HttpReply reply = one.api().post("/restart", "");
            assertEquals(200, reply.status());
            assertEquals("{\"nodes\":2}", reply.body());
            Await.until("one drains", () -> drains(one) || drains(other));
            TestServer first = drains(one) ? one : other;
            TestServer second = first == one ? other : one;
            WireClient client = second.connect();
            client.subscribe("news"); // it serves until the first is gone and another one there
            first.stop();
            ScaledTest.awaitReached(successor);
            client.awaitClose(4200);
        }
    }

    @Test
    void whileRedisIsAwayNobodyRestarts(TestServer server) throws IOException {
        try (RedisProcess redis = RedisProcess.server()) {
            ScaledTest.scaled(server, redis);
            server.app("allow_restart: true");
            ScaledTest.awaitReached(server);
            redis.kill();
            Await.until("it is missed", () -> server.metric("reverb_redis_connected", "") == 0);
            HttpReply reply = server.api().post("/restart", "");
            assertEquals(503, reply.status());
            assertEquals("{\"error\":\"Redis is not reached, and the other servers not without it: none restarts\"}",
                    reply.body());
        }
    }

    private static boolean drains(TestServer server) {
        return server.management("/readyz").body().contains("draining");
    }
}
