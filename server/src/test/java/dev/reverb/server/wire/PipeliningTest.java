package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.WireClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A client that sends requests behind each other, and reads the replies late or never. */
@WireTest
class PipeliningTest {

    private static final int SOCKETS = 6;
    private static final byte[] UP = HttpSocket.head("GET", "/up")
            .repeat(100)
            .getBytes(java.nio.charset.StandardCharsets.UTF_8);

    @Test
    void repliesThatAreNotReadStopTheReadingAndEndWithTheirAge(TestServer server) throws Exception {
        server.env("REVERB_OUTBOUND_AGE", "1s");
        List<HttpSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < SOCKETS; i++) {
                sockets.add(HttpSocket.connect(server.address(), 4096));
            }
            for (HttpSocket socket : sockets) {
                Thread.ofVirtual().start(() -> {
                    try {
                        for (int i = 0; i < 2_000; i++) {
                            socket.write(UP);
                        }
                    } catch (UncheckedIOException endedByServer) {
                        // as it should
                    }
                });
            }
            Await.until(Duration.ofMinutes(3), () -> "not all of them are closed",
                    () -> server.metric("reverb_slow_readers_total", "") >= SOCKETS);
            double answered = server.metric("reverb_api_responses_total", "200");
            assertTrue(answered < SOCKETS * 100_000, "the server goes on answering who does not read: " + answered);
        } finally {
            sockets.forEach(HttpSocket::close);
        }
    }

    @Test
    void aClientThatReadsLateGetsEveryReplyInOrder(TestServer server) throws IOException {
        try (HttpSocket socket = server.socket()) {
            Thread writer = Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 50; i++) {
                    socket.write(UP);
                }
            });
            for (int i = 0; i < 5_000; i++) {
                assertEquals(200, socket.read().status());
            }
            assertTrue(!writer.isAlive() || writer.isVirtual());
        }
    }

    @Test
    void requestsBehindOneThatIsCarriedOutAreAnsweredBehindIt(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            all.append(new String(server.api()
                    .request("POST", "/events")
                    .body(ApiClient.event("n", Integer.toString(i), "news"))
                    .bytes(), java.nio.charset.StandardCharsets.UTF_8));
            all.append(HttpSocket.head("GET", "/nothing"));
        }
        try (HttpSocket socket = server.socket()) {
            socket.write(all.toString());
            for (int i = 0; i < 50; i++) {
                assertEquals(200, socket.read().status());
                assertEquals(404, socket.read().status());
                assertEquals(Integer.toString(i), client.next("n").data());
            }
        }
    }
}
