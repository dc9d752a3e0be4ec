package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.Frame;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.WireClient;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A reader that stops while others go on. */
@WireTest
class BackpressureTest {

    static final Duration LONG = Duration.ofMinutes(2);
    private static final int EVENTS = 2_000;
    private static final int WINDOW = 50;
    private static final String SLOW_READERS = "reverb_slow_readers_total";

    /** Publishes {@code count} events of 10 kB in windows of {@value #WINDOW}. */
    private static void flood(TestServer server, int count) {
        flood(server, sent -> sent < count);
    }

    /** Publishes {@code count} events of 10 kB, as fast as {@code readers} read, however busy the machine is. */
    static void flood(TestServer server, int count, List<WireClient> readers) {
        flood(server, sent -> {
            // established, subscribed, and every event
            readers.forEach(reader -> reader.awaitCount(2 + sent, LONG));
            return sent < count;
        });
    }

    /** Publishes events of 10 kB in windows of {@value #WINDOW}, as long as {@code more} says so of the number sent. */
    static void flood(TestServer server, IntPredicate more) {
        String body = ApiClient.event("x", "d".repeat(10_000), "news");
        try (HttpSocket back = server.api().open()) {
            for (int sent = 0; more.test(sent); sent += WINDOW) {
                for (int i = 0; i < WINDOW; i++) {
                    back.write(server.api().request("POST", "/events").body(body).bytes());
                }
                for (int i = 0; i < WINDOW; i++) {
                    assertEquals(200, back.read().status());
                }
            }
        }
    }

    static WireClient reader(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        return client.onlyCounting();
    }

    static WireClient stopped(TestServer server) {
        WireClient client = server.connectWithSmallBuffer();
        client.subscribe("news");
        client.onlyCounting();
        client.pauseReading();
        return client;
    }

    /** Lets them read again as soon as they are counted, while their close frames are still held for them. */
    private static Thread resumeOnceCounted(TestServer server, List<WireClient> slow) {
        return Thread.ofVirtual().start(() -> {
            Await.until("slow readers to be counted", () -> server.metric(SLOW_READERS, "") == slow.size());
            slow.forEach(WireClient::resumeReading);
        });
    }

    @Test
    void theOthersCompleteAndTheSlowAreClosedWith4100() throws Exception {
        // their close frames are held for two seconds, in which they have to read on
        Attempts.three((server, _) -> theOthersCompleteAndTheSlowAreClosed(server));
    }

    private static void theOthersCompleteAndTheSlowAreClosed(TestServer server) throws InterruptedException {
        server.env("REVERB_OUTBOUND_BUFFER", "256KiB");
        List<WireClient> readers = List.of(reader(server), reader(server));
        List<WireClient> slow = IntStream.range(0, 3).mapToObj(_ -> stopped(server)).toList();
        Thread resumed = resumeOnceCounted(server, slow);
        flood(server, EVENTS, readers);
        resumed.join();
        assertEquals(3, server.metric(SLOW_READERS, ""));
        for (WireClient client : slow) {
            client.awaitClose(4100);
            assertTrue(client.count() < 2 + EVENTS, client.count() + " messages");
        }
        readers.forEach(client -> assertTrue(client.isOpen()));
    }

    @Test
    void whoSendsPingsAndReadsNoPongIsASlowReaderToo(TestServer server) {
        server.env("REVERB_OUTBOUND_BUFFER", "256KiB");
        WireClient other = server.connect();
        WireClient client = server.connectWithSmallBuffer();
        client.pauseReading();
        ByteArrayOutputStream pings = new ByteArrayOutputStream();
        for (int i = 0; i < 2_000; i++) {
            pings.writeBytes(Frame.of(Frame.PING, new byte[125]).encode());
        }
        Await.until("the slow reader to be counted", LONG, () -> {
            client.sendBytes(pings.toByteArray());
            return server.metric(SLOW_READERS, "") == 1;
        }, () -> server.metric(SLOW_READERS, "") + " slow readers");
        other.assertNothingMore();
    }

    @Test
    void whoReadsItsRepliesLateGetsEveryOneInOrder(TestServer server) {
        server.env("REVERB_OUTBOUND_BUFFER", "16KiB");
        int count = 8_000;
        String padding = "x".repeat(2_500);
        HttpSocket socket = HttpSocket.connect(server.address(), 4096);
        Thread writer = Thread.ofVirtual().start(() -> {
            for (int i = 0; i < count; i += 20) {
                StringBuilder requests = new StringBuilder();
                for (int j = i; j < i + 20; j++) {
                    requests.append("GET /n").append(j).append(padding).append(" HTTP/1.1\r\nHost: a\r\n\r\n");
                }
                socket.write(requests.toString());
            }
        });
        // the server waits for the client, and the client's writer for the server
        double[] answered = {0};
        int[] unchanged = {0};
        Await.until("no more requests to be taken", () -> {
            double now = server.metric("reverb_api_responses_total", "404");
            unchanged[0] = now > 0 && now == answered[0] ? unchanged[0] + 1 : 0;
            answered[0] = now;
            return unchanged[0] == 30;
        });
        assertTrue(answered[0] < count && writer.isAlive(), answered[0] + " requests were answered");
        for (int i = 0; i < count; i++) {
            assertEquals("{\"error\":\"There is nothing at /n" + i + padding + "\"}", socket.read().body());
        }
        socket.close();
    }

    @Test
    void whoLagsForLongIsClosedThoughItLacksLittle() throws Exception {
        Attempts.three((server, _) -> lagsForLongAndIsClosed(server));
    }

    private static void lagsForLongAndIsClosed(TestServer server) throws InterruptedException {
        server.env("REVERB_OUTBOUND_BUFFER", "64MiB").env("REVERB_OUTBOUND_AGE", "1s");
        WireClient reader = reader(server);
        WireClient slow = stopped(server);
        Thread resumed = resumeOnceCounted(server, List.of(slow));
        flood(server, 1_000, List.of(reader));
        resumed.join();
        slow.awaitClose(4100);
        assertTrue(reader.isOpen());
    }

    @Test
    void whoIsAlwaysALittleBehindButReadsOnIsNotSlow() throws Exception {
        // on a machine that is held up the messages that it is behind may take as long as the age
        Attempts.three((server, number) -> isAlwaysALittleBehind(server, 3 << number));
    }

    private static void isAlwaysALittleBehind(TestServer server, int age) {
        server.env("REVERB_OUTBOUND_BUFFER", "64MiB").env("REVERB_OUTBOUND_AGE", age + "s");
        int lead = 600; // twice what the sockets' buffers hide
        WireClient client = stopped(server);
        long end = System.nanoTime() + Duration.ofSeconds(2 * age + 1).toNanos();
        int[] published = {0};
        flood(server, sent -> {
            published[0] = sent;
            client.resumeReading();
            client.awaitCount(2 + sent - lead, LONG);
            client.pauseReading();
            return System.nanoTime() < end;
        });
        client.resumeReading();
        client.awaitCount(2 + published[0], LONG);
        assertEquals(0, server.metric(SLOW_READERS, ""));
    }

    @Test
    void whoPausesForAMomentMissesNothing(TestServer server) {
        server.env("REVERB_OUTBOUND_BUFFER", "64MiB");
        WireClient client = stopped(server);
        flood(server, 1_000);
        client.resumeReading();
        client.awaitCount(1_002, LONG);
        assertEquals(0, server.metric(SLOW_READERS, ""));
    }
}
