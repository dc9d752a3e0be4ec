package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Pings in both directions and of both kinds, and what becomes of those who do not answer. */
@WireTest
class PingTest {

    private static final String PONG = "{\"event\":\"pusher:pong\"}";

    private static TestServer quick(TestServer server) {
        return server.app("ping_interval: 1", "activity_timeout: 1");
    }

    /** For who answers, on a machine that may be busy. */
    private static TestServer patient(TestServer server) {
        return server.app("ping_interval: 1", "activity_timeout: 5");
    }

    private static double seconds(long from, long to) {
        return (to - from) / 1e9;
    }

    @Test
    void aPusherPingIsAnsweredByAPusherPong(TestServer server) {
        WireClient client = server.connect();
        assertEquals(Json.parse(PONG), client.send("{\"event\":\"pusher:ping\",\"data\":{}}").next().json());
        assertEquals(Json.parse(PONG), client.send("{\"event\":\"pusher:ping\"}").next().json());
    }

    @Test
    void aWebSocketPingIsAnsweredByItsPayload(TestServer server) {
        WireClient client = server.connect();
        byte[] payload = "are you there".getBytes(StandardCharsets.UTF_8);
        Frame pong = client.send(Frame.of(Frame.PING, payload)).nextControl();
        assertEquals(Frame.PONG, pong.opcode());
        assertArrayEquals(payload, pong.payload());
    }

    @Test
    void aPusherPongIsNotAnswered(TestServer server) {
        WireClient client = server.connect();
        client.send("{\"event\":\"pusher:pong\",\"data\":{}}").assertNothingMore();
    }

    @Test
    void whoIsSilentForThePingIntervalIsPingedThoughItNeverSubscribed(TestServer server) {
        WireClient client = quick(server).connect();
        long start = System.nanoTime();
        Received ping = client.next();
        assertEquals("pusher:ping", ping.event());
        double after = seconds(start, ping.nanos());
        assertTrue(after > 0.8 && after < 2, "after " + after + " s");
    }

    @Test
    void whoAnswersStays(TestServer server) {
        WireClient client = patient(server).connect();
        for (int i = 0; i < 4; i++) {
            client.next("pusher:ping");
            client.send("{\"event\":\"pusher:pong\",\"data\":{}}");
        }
        client.assertNothingMore();
    }

    @Test
    void whoDoesNotAnswerIsToldAndClosedWith4201(TestServer server) {
        WireClient client = quick(server).connect();
        long start = System.nanoTime();
        client.next("pusher:ping");
        client.next("pusher:error").assertError(4201, "Pong reply not received in time");
        Inbox.Close close = client.awaitClose(4201);
        double after = seconds(start, close.nanos());
        assertTrue(after > 1.5 && after < 3, "pruned after " + after + " s, due after 2 s");
    }

    @Test
    void aDeadPeerLeavesItsChannelsWithinPingIntervalAndActivityTimeout(TestServer server) {
        quick(server);
        WireClient dead = server.connect().withoutPongs().withoutCloseAnswer();
        dead.subscribePresence("presence-room", "{\"user_id\":\"1\"}");
        long start = System.nanoTime();
        Await.until("the member to be gone",
                () -> !server.api().get("/channels").body().contains("presence-room"));
        double after = seconds(start, System.nanoTime());
        assertTrue(after < 3, "gone after " + after + " s, due after 2 s");
    }

    @Test
    void anyMessageCountsAsActivity(TestServer server) {
        WireClient client = patient(server).connect();
        client.next("pusher:ping");
        client.send("{\"event\":\"client-any\",\"channel\":\"nowhere\",\"data\":{}}");
        client.next("pusher:error").assertError(4009);
        client.next("pusher:ping");
        client.subscribe("news");
        client.next("pusher:ping");
    }

    @Test
    void whatTheServerSendsIsNoActivityOfTheClient(TestServer server) {
        WireClient client = quick(server).connect();
        client.subscribe("news");
        long deadline = System.nanoTime() + Duration.ofSeconds(8).toNanos();
        while (client.isOpen() && System.nanoTime() < deadline) {
            server.api().publish("tick", "{}", "news");
            client.skipFor(Duration.ofMillis(100));
        }
        client.awaitClose(4201);
    }

    @Test
    void aClientThatUsesControlFramesIsPingedByAControlFrame(TestServer server) {
        WireClient client = patient(server).connect();
        client.send(Frame.of(Frame.PING, new byte[0]));
        assertEquals(Frame.PONG, client.nextControl().opcode());
        assertEquals(Frame.PING, client.nextControl().opcode());
        // its pong kept it alive, or the second ping would not come
        assertEquals(Frame.PING, client.nextControl().opcode());
        assertEquals(Frame.PING, client.nextControl().opcode());
        client.assertNothingMore();
    }

    @Test
    void aClientThatUsesControlFramesAndAnswersNoPingIsPruned(TestServer server) {
        WireClient client = quick(server).connect().withoutPongs();
        client.send(Frame.of(Frame.PONG, new byte[0]));
        assertEquals(Frame.PING, client.nextControl().opcode());
        client.next("pusher:error").assertError(4201, "Pong reply not received in time");
        client.awaitClose(4201);
    }

    @Test
    void whoHasMoreTimeIsNotPrunedBeforeIt(TestServer server) {
        server.app("ping_interval: 1", "activity_timeout: 3");
        WireClient client = server.connect();
        long start = System.nanoTime();
        client.next("pusher:ping");
        client.next("pusher:error").assertError(4201);
        double after = seconds(start, client.awaitClose(4201).nanos());
        assertTrue(after > 3 && after < 5.5, "pruned after " + after + " s, due after 4 s");
    }
}
