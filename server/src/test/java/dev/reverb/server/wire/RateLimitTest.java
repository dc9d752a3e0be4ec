package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.Frame;
import dev.reverb.testkit.WireClient;
import org.junit.jupiter.api.Test;

/** {@code rate_limiting}: messages that one connection may send. */
@WireTest
class RateLimitTest {

    private static final String PING = "{\"event\":\"pusher:ping\"}";
    private static final String EXCEEDED = "Rate limit exceeded";

    private static TestServer limited(TestServer server, int attempts, int decay, boolean terminate) {
        return server.app("rate_limiting: {enabled: true, max_attempts: " + attempts + ", decay_seconds: " + decay
                + ", terminate_on_limit: " + terminate + "}");
    }

    @Test
    void messagesAboveTheLimitAreAnsweredWith4301AndNotServed(TestServer server) {
        limited(server, 3, 60, false);
        WireClient receiver = server.connect();
        receiver.subscribe("news");
        WireClient client = server.connect();
        client.subscribe("news");
        client.send(PING).next("pusher:pong");
        client.send(PING).next("pusher:pong");
        client.sendEvent("client-x", "news", "{}").next("pusher:error").assertError(4301, EXCEEDED);
        client.send(PING).next("pusher:error").assertError(4301, EXCEEDED);
        client.unsubscribe("news").next("pusher:error").assertError(4301, EXCEEDED);
        receiver.assertNothingMore();
        // nothing of the three was served: it still receives
        server.api().publish("x", "1", "news");
        client.next("x");
        assertTrue(client.isOpen());
    }

    @Test
    void theLimitIsOfOneConnection(TestServer server) {
        limited(server, 1, 60, false);
        WireClient one = server.connect();
        one.send(PING).next("pusher:pong");
        one.send(PING).next("pusher:error").assertError(4301, EXCEEDED);
        server.connect().send(PING).next("pusher:pong");
    }

    @Test
    void theLimitIsForgottenAfterItsTime(TestServer server) {
        limited(server, 2, 1, false);
        WireClient client = server.connect();
        long start = System.nanoTime();
        client.send(PING).next("pusher:pong");
        client.send(PING).next("pusher:pong");
        client.send(PING).next("pusher:error").assertError(4301, EXCEEDED);
        Await.until("the limit to be forgotten", () -> client.send(PING).next().event().equals("pusher:pong"));
        double after = (System.nanoTime() - start) / 1e9;
        assertTrue(after > 0.9 && after < 30, "forgotten after " + after + " s");
    }

    @Test
    void malformedMessagesCountToo(TestServer server) {
        limited(server, 2, 60, false);
        WireClient client = server.connect();
        client.send("{").next("pusher:error").assertError(4200);
        client.send("{").next("pusher:error").assertError(4200);
        client.send("{").next("pusher:error").assertError(4301, EXCEEDED);
    }

    @Test
    void whoIsTerminatedIsToldBeforeTheClose(TestServer server) {
        limited(server, 2, 60, true);
        WireClient other = server.connect();
        WireClient client = server.connect();
        client.send(Frame.text(PING), Frame.text(PING), Frame.text(PING), Frame.text(PING));
        client.next("pusher:pong");
        client.next("pusher:pong");
        client.next("pusher:error").assertError(4301, EXCEEDED);
        client.awaitClose(4100);
        assertEquals(4, client.count());
        other.send(PING).next("pusher:pong");
    }

    @Test
    void byDefaultThereIsNoLimit(TestServer server) {
        WireClient client = server.connect();
        for (int i = 0; i < 500; i++) {
            client.send(PING);
        }
        for (int i = 0; i < 500; i++) {
            client.next("pusher:pong");
        }
    }

    @Test
    void theEnvironmentSetsItForItsApplication(TestServer server) {
        Credentials env = new Credentials("env", "env-key", "env-secret");
        server.env("REVERB_APP_ID", "env")
                .env("REVERB_APP_KEY", "env-key")
                .env("REVERB_APP_SECRET", "env-secret")
                .env("REVERB_APP_RATE_LIMITING_ENABLED", "true")
                .env("REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS", "1")
                .env("REVERB_APP_RATE_LIMIT_DECAY_SECONDS", "60")
                .env("REVERB_APP_RATE_LIMIT_TERMINATE", "true");
        WireClient client = server.connect(env);
        client.send(PING).next("pusher:pong");
        client.send(PING).next("pusher:error").assertError(4301, EXCEEDED);
        client.awaitClose(4100);
        server.connect().send(PING).next("pusher:pong");
    }
}
