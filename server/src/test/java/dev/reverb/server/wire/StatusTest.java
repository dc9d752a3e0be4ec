package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.WireClient;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** {@code GET /status} of the management port. */
@WireTest
class StatusTest {

    private static JsonNode status(TestServer server, String query) {
        HttpReply reply = server.management("/status" + query);
        assertEquals(200, reply.status());
        assertEquals("application/json", reply.header("Content-Type").orElse(""));
        return Json.parse(reply.body());
    }

    @Test
    void aServerSaysWhatItServesAndHowItIs(TestServer server) {
        server.env("REVERB_HOST", "ws.example.com");
        server.connect();

        JsonNode status = status(server, "");

        assertTrue(status.get("ready").asBoolean());
        assertFalse(status.get("node").asString().isEmpty());
        assertTrue(status.get("uptimeSeconds").asInt() < 60);
        assertEquals("https://ws.example.com:443", status.get("publicUrl").asString());
        assertEquals(1, status.get("connections").asInt());
        assertEquals("[{\"id\":\"app\",\"enabled\":true,\"revision\":1,\"connections\":1}]",
                status.get("apps").toString());
        assertEquals(0, status.get("refused").size());
        assertFalse(status.get("settings").get("stale").asBoolean());
        assertFalse(status.get("redis").get("enabled").asBoolean());
        assertFalse(status.get("drain").get("active").asBoolean());
        assertTrue(status.get("certificateExpires").isNull());
        assertFalse(status.toString().contains(TestServer.APP.secret()));
    }

    @Test
    void aWrongApplicationIsNamedAndTheOthersAreServed(TestServer server) {
        Credentials wrong = new Credentials("wrong", "wrong-key", "wrong-secret");
        server.app(wrong, "ping_interval: 0");
        server.connect();
        server.open("/app/wrong-key").awaitClose(4001);

        JsonNode status = status(server, "?apps=false");

        assertFalse(status.has("apps"));
        assertTrue(status.get("settings").get("stale").asBoolean());
        JsonNode refused = status.get("refused").get(0);
        assertEquals("wrong", refused.get("id").asString());
        assertEquals("ping_interval", refused.get("key").asString());
        assertFalse(refused.get("lastFormInForce").asBoolean());
        assertTrue(refused.get("reason").asString().contains("allowed is whole seconds from 1"), refused.toString());
        assertEquals(1, server.metric("reverb_apps_refused", ""));
    }

    @Test
    void theLastUseOfAPreviousSecretIsSaid(TestServer server) {
        server.app("previous_secrets: [old-secret, older-secret]");
        Credentials old = new Credentials("app", "app-key", "old-secret");
        assertEquals("[{\"id\":\"app\",\"lastUsed\":null}]",
                status(server, "?apps=false").get("previousSecrets").toString());
        server.api().publish("e", "{}", "a");
        assertTrue(status(server, "").get("previousSecrets").get(0).get("lastUsed").isNull());

        Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        server.api(old).publish("e", "{}", "a");
        Instant published = lastUsed(server);
        assertFalse(published.isBefore(before), published::toString);

        WireClient client = server.connect();
        client.askFor("private-a", old.auth(client.socketId(), "private-a"), null);
        client.next("pusher_internal:subscription_succeeded");
        assertFalse(lastUsed(server).isBefore(published));
        assertFalse(status(server, "").toString().contains("old-secret"));
    }

    private static Instant lastUsed(TestServer server) {
        return Instant.parse(status(server, "?apps=false").get("previousSecrets").get(0).get("lastUsed").asString());
    }

    @Test
    void aServerSaysWhichFileIsInForce(TestServer server) {
        String digest = status(server, "?apps=false").get("settings").get("digest").asString();
        assertEquals(server.fileDigest(), digest);
    }

    @Test
    void aDrainIsSeen(TestServer server) throws Exception {
        server.env("REVERB_DRAIN_DURATION", "30").env("REVERB_DRAIN_CLOSES_PER_SECOND", "1");
        for (int i = 0; i < 3; i++) {
            server.connect();
        }
        server.drain();

        JsonNode status = status(server, "");

        assertTrue(status.get("drain").get("active").asBoolean());
        assertFalse(status.get("ready").asBoolean());
        assertEquals("draining", status.get("reason").asString());
    }
}
