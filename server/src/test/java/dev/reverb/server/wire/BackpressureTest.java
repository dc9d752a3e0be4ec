package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A reader that stops while others go on. */
@WireTest
class BackpressureTest {

    private static final Duration LONG = Duration.ofSeconds(50);
    private static final int EVENTS = 2_000;
    private static final int WINDOW = 50;
    private static final String SLOW_READERS = "reverb_slow_readers_total";

    /** Publishes {@code count} events of 10 kB in windows of {@value #WINDOW}, and calls {@code between} after each. */
    private static void flood(TestServer server, int count, Runnable between) {
        String body = ApiClient.event("x", "d".repeat(10_000), "news");
        try (HttpSocket back = server.api().open()) {
            for (int sent = 0; sent < count; sent += WINDOW) {
                for (int i = 0; i < WINDOW; i++) {
                    back.write(server.api().request("POST", "/events").body(body).bytes());
                }
                for (int i = 0; i < WINDOW; i++) {
                    assertEquals(200, back.read().status());
                }
                between.run();
            }
        }
    }

    private static WireClient reader(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        return client.onlyCounting();
    }

    private static WireClient stopped(TestServer server) {
        WireClient client = server.connectWithSmallBuffer();
        client.subscribe("news");
        client.onlyCounting();
        client.pauseReading();
        return client;
    }

    private static double direct(TestServer server) {
        return server.metric("netty_allocator_memory_used", "memory_type=\"direct\"");
    }

    @Test
    void theOthersCompleteAndTheSlowAreClosedWith4100(TestServer server) {
        server.env("REVERB_OUTBOUND_BUFFER", "256KiB");
        List<WireClient> readers = List.of(reader(server), reader(server));
        List<WireClient> slow = IntStream.range(0, 3).mapToObj(_ -> stopped(server)).toList();
        flood(server, EVENTS, () -> {
            if (server.metric(SLOW_READERS, "") == 3) {
                slow.forEach(WireClient::resumeReading);
            }
        });
        // established, subscribed, and every event
        readers.forEach(client -> client.awaitCount(2 + EVENTS, LONG));
        Await.until("three slow readers to be counted", () -> server.metric(SLOW_READERS, "") == 3);
        for (WireClient client : slow) {
            client.resumeReading();
            client.awaitClose(4100);
            assertTrue(client.count() < 2 + EVENTS, client.count() + " messages");
        }
        readers.forEach(client -> assertTrue(client.isOpen()));
    }

    @Test
    void memoryStaysFlatWhileReadersSleep(TestServer server) {
        server.env("REVERB_OUTBOUND_BUFFER", "256KiB");
        WireClient reader = reader(server);
        for (int i = 0; i < 5; i++) {
            stopped(server);
        }
        double before = direct(server);
        assertTrue(before > 0, "the allocator's meter is there");
        double[] most = {0};
        flood(server, EVENTS, () -> most[0] = Math.max(most[0], direct(server)));
        reader.awaitCount(2 + EVENTS, LONG);
        assertTrue(most[0] - before < 24_000_000,
                "of " + EVENTS * 10_000 + " bytes held: " + (most[0] - before) + " more than at the start");
        // and those who never read again are gone
        Await.until("the sleepers to be gone",
                () -> server.api().get("/connections").json().path("connections").asInt() == 1);
    }

    @Test
    void whoLagsForLongIsClosedThoughItLacksLittle(TestServer server) {
        server.env("REVERB_OUTBOUND_BUFFER", "64MiB").env("REVERB_OUTBOUND_AGE", "1s");
        WireClient reader = reader(server);
        WireClient slow = stopped(server);
        flood(server, 1_000, () -> {});
        reader.awaitCount(1_002, LONG);
        Await.until("the slow reader to be counted", () -> server.metric(SLOW_READERS, "") == 1);
        slow.resumeReading();
        slow.awaitClose(4100);
        assertTrue(reader.isOpen());
    }

    @Test
    void whoPausesForAMomentMissesNothing(TestServer server) {
        server.env("REVERB_OUTBOUND_BUFFER", "64MiB");
        WireClient client = stopped(server);
        flood(server, 1_000, () -> {});
        client.resumeReading();
        client.awaitCount(1_002, LONG);
        assertEquals(0, server.metric(SLOW_READERS, ""));
    }
}
