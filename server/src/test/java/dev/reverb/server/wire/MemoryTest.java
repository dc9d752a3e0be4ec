package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.WireClient;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.Isolated;

/** What clients cannot make the server hold. */
@WireTest
@Execution(ExecutionMode.SAME_THREAD)
@Isolated("the memory is that of the whole process")
@Tag("slow")
class MemoryTest {

    private static final int EVENTS = 2_000;

    private static double direct(TestServer server) {
        return server.metric("netty_allocator_memory_used", "memory_type=\"direct\"");
    }

    @Test
    void memoryStaysFlatWhileReadersSleep(TestServer server) {
        server.env("REVERB_OUTBOUND_BUFFER", "256KiB");
        WireClient reader = BackpressureTest.reader(server);
        for (int i = 0; i < 5; i++) {
            BackpressureTest.stopped(server);
        }
        double before = direct(server);
        assertTrue(before > 0, "the allocator's meter is there");
        double[] most = {0};
        BackpressureTest.flood(server, sent -> {
            most[0] = Math.max(most[0], direct(server));
            reader.awaitCount(2 + sent, BackpressureTest.LONG);
            return sent < EVENTS;
        });
        assertTrue(most[0] - before < 24_000_000,
                "of " + EVENTS * 10_000 + " bytes held: " + (most[0] - before) + " more than at the start");
        // and those who never read again are gone
        Await.until("the sleepers to be gone",
                () -> server.api().get("/connections").json().path("connections").asInt() == 1);
    }

    @Test
    void aBodyThatIsOnlyAnnouncedTakesNoRoom(TestServer server) {
        server.env("REVERB_MAX_REQUEST_SIZE", "64MiB");
        BadHttpTest.besideOthers(server, () -> {
            long before = usedHeap();
            List<HttpSocket> sockets = new ArrayList<>();
            String signed = server.api().request("POST", "/events").param("body_md5", "0".repeat(32)).target();
            for (int i = 0; i < 6; i++) {
                sockets.add(server.socket().write(HttpSocket.head("POST", signed, "Content-Length: 60000000") + "{"));
            }
            Await.until("the requests to arrive", () -> server.metric("reverb_sockets", "") >= 8);
            sockets.forEach(socket -> assertFalse(socket.endsWithin(Duration.ofMillis(50))));
            long more = usedHeap() - before;
            assertTrue(more < 180_000_000, "six bytes of six bodies take " + more + " bytes");
        });
    }

    @Test
    void whoSendsRequestsAndReadsNoReplyIsHeldBackAndThenClosed(TestServer server) throws InterruptedException {
        server.env("REVERB_KEEP_ALIVE_TIMEOUT", "1s").env("REVERB_OUTBOUND_BUFFER", "256KiB");
        WireClient other = server.connect();
        double before = direct(server);
        byte[] requests = "GET /up HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2_000).getBytes(StandardCharsets.US_ASCII);
        HttpSocket socket = HttpSocket.connect(server.address(), 4096);
        AtomicLong taken = new AtomicLong();
        Thread writer = Thread.ofVirtual().start(() -> {
            try {
                while (taken.get() < 60_000_000) {
                    socket.write(requests);
                    taken.addAndGet(requests.length);
                }
            } catch (UncheckedIOException closedByServer) {
                // as it has to be
            }
        });
        double[] most = {0};
        Await.until("the connection to be closed", () -> {
            most[0] = Math.max(most[0], direct(server));
            return !writer.isAlive();
        });
        socket.close();
        assertTrue(taken.get() < 60_000_000, taken + " bytes of requests were taken");
        assertTrue(most[0] - before < 16_000_000, "held: " + (most[0] - before) + " bytes more than at the start");
        other.assertNothingMore();
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
