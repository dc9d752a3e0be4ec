package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.ApiRequest;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.WireClient;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are wrong, endless or slow: an answer or an end in bounded time, and nothing for the others. */
@WireTest
class BadHttpTest {

    /** The time that a request has is 10 s where nothing is set. */
    private static final Duration SHORTER_THAN_THE_DEFAULT = Duration.ofSeconds(9);

    /** Runs {@code attack}, and then sees a WebSocket and a kept connection from before still served. */
    static void besideOthers(TestServer server, Runnable attack) {
        WireClient client = server.connect();
        client.subscribe("news");
        HttpSocket kept = server.socket();
        assertEquals(200, kept.write("GET /up HTTP/1.1\r\nHost: localhost\r\n\r\n").read().status());
        attack.run();
        byte[] publish = server.api().request("POST", "/events").body(ApiClient.event("still", "1", "news")).bytes();
        assertEquals(200, kept.write(publish).read().status());
        client.next("still");
        client.assertNothingMore();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0000\u0001\u0002\r\n\r\n", "hello\r\n\r\n", "GET\r\n\r\n",
            "GET /up HTTP/1.1\r\nno colon\r\n\r\n", "GET /up HTTP/1.1\r\n: empty\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n", "GET /up HTTP/1.1\r\nAccept: a\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
            "POST /apps/app/events HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "POST /apps/app/events HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\n",
            "POST /apps/app/events HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "POST /apps/app/events HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "POST /apps/app/events HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "POST /apps/app/events HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
            "POST /apps/app/events HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nx",
            "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001"})
    void aRequestThatIsNoneIsAnsweredAndClosed(String request, TestServer server) {
        // nobody waits long for the rest of what has the look of a beginning
        server.env("REVERB_REQUEST_TIMEOUT", "1s");
        besideOthers(server, () -> {
            HttpSocket socket = server.socket().write(request.getBytes(StandardCharsets.ISO_8859_1));
            HttpReply reply = socket.read();
            assertTrue(
                    (reply.status() >= 400 && reply.status() < 500) || reply.status() == 501 || reply.status() == 505,
                    reply.toString());
            assertTrue(socket.endsWithin(HttpSocket.PATIENCE));
        });
    }

    @Test
    void lengthAndChunksTogetherAreNoWayToSmuggle(TestServer server) {
        String body = ApiClient.event("smuggled", "1", "news");
        String inner = new String(server.api().request("POST", "/events").body(body).bytes(), StandardCharsets.UTF_8);
        besideOthers(server, () -> {
            HttpSocket socket = server.socket()
                    .write("GET /up HTTP/1.1\r\nHost: a\r\nContent-Length: " + inner.length()
                            + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner);
            assertTrue(socket.read().status() >= 200);
            assertTrue(socket.endsWithin(HttpSocket.PATIENCE), "what follows is not trusted");
        });
    }

    @Test
    void aFloodOfHeadersIsRefused(TestServer server) {
        besideOthers(server, () -> {
            StringBuilder flood = new StringBuilder("GET /up HTTP/1.1\r\nHost: localhost\r\n");
            for (int i = 0; i < 20_000; i++) {
                flood.append("X-Flood-").append(i).append(": ").append("x".repeat(50)).append("\r\n");
            }
            assertRefused(server, flood.toString());
        });
    }

    @Test
    void aHeaderWithoutEndIsRefused(TestServer server) {
        besideOthers(server,
                () -> assertRefused(server, "GET /up HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(1_000_000)));
    }

    @Test
    void aRequestLineWithoutEndIsRefused(TestServer server) {
        besideOthers(server, () -> assertRefused(server, "GET /" + "x".repeat(1_000_000)));
    }

    @Test
    void aFloodOfHeadersInAnUpgradeIsRefused(TestServer server) {
        besideOthers(server, () -> assertRefused(server, "GET /app/app-key HTTP/1.1\r\nHost: localhost\r\nUpgrade: "
                + "websocket\r\nConnection: Upgrade\r\nCookie: " + "c".repeat(1_000_000) + "\r\n"));
    }

    /** A reset may overtake the answer when a client goes on sending; an answer, if it comes, says why. */
    private static void assertRefused(TestServer server, String request) {
        HttpSocket socket = server.socket().writeUnlessClosed(request.getBytes(StandardCharsets.UTF_8));
        int status = 0;
        try {
            status = socket.read().status();
        } catch (UncheckedIOException reset) {
            assertTrue(socket.endsWithin(HttpSocket.PATIENCE));
            return;
        }
        assertTrue(status == 431 || status == 414 || status == 400, "status " + status);
        assertTrue(socket.endsWithin(HttpSocket.PATIENCE));
    }

    @Test
    void headersThatFitAreTaken(TestServer server) {
        HttpReply reply = server.socket()
                .write("GET /up HTTP/1.1\r\nHost: localhost\r\nCookie: " + "c".repeat(4_000) + "\r\n\r\n")
                .read();
        assertEquals(200, reply.status());
    }

    @Test
    void aBodyThatIsAnnouncedTooLargeIsRefusedBeforeItComes(TestServer server) {
        besideOthers(server, () -> {
            HttpSocket socket = server.socket()
                    .write("POST /apps/app/events HTTP/1.1\r\nHost: localhost\r\n"
                            + "Content-Length: 2000000000\r\n\r\n{");
            assertEquals(413, socket.read().status());
        });
    }

    @Test
    void whoExpectsToContinueWithTooMuchIsToldAtOnce(TestServer server) {
        HttpSocket socket = server.socket()
                .write(HttpSocket.head("POST", "/apps/app/events", "Content-Length: 2000000000",
                        "Expect: 100-continue"));
        assertEquals(413, socket.readHead().status());
    }

    @Test
    void aChunkedBodyWithoutEndIsRefused(TestServer server) {
        server.env("REVERB_MAX_REQUEST_SIZE", "10000");
        besideOthers(server, () -> {
            ApiRequest signed = server.api().request("POST", "/events").chunked(100).body("x".repeat(100_000));
            HttpSocket socket = server.socket().writeUnlessClosed(signed.bytes());
            assertEquals(413, socket.read().status());
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "G", "GET /up HT", "GET /up HTTP/1.1\r\nHost: loc",
            "GET /app/app-key HTTP/1.1\r\nUpgrade: websocket\r\n",
            "POST {signed} HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{"})
    void whoDoesNotFinishItsRequestIsClosedAfterTheRequestTimeout(String beginning, TestServer server) {
        server.env("REVERB_REQUEST_TIMEOUT", "1s");
        besideOthers(server, () -> {
            long start = System.nanoTime();
            String target = server.api().request("POST", "/events").param("body_md5", "0".repeat(32)).target();
            assertTrue(
                    server.socket().write(beginning.replace("{signed}", target)).endsWithin(SHORTER_THAN_THE_DEFAULT));
            assertTrue(System.nanoTime() - start >= Duration.ofSeconds(1).toNanos(), "due after 1 s");
        });
    }

    @Test
    void aRequestsTimeIsOneForItsHeadAndItsBody(TestServer server) {
        server.env("REVERB_REQUEST_TIMEOUT", "6s");
        besideOthers(server, () -> {
            long start = System.nanoTime();
            String target = server.api().request("POST", "/events").param("body_md5", "0".repeat(32)).target();
            HttpSocket socket = server.socket().write("POST " + target + " HTTP/1.1\r\n");
            assertFalse(socket.endsWithin(Duration.ofSeconds(4)));
            socket.readTimeout((int) HttpSocket.PATIENCE.toMillis());
            HttpReply reply = socket.write("Host: a\r\nContent-Length: 10\r\n\r\n{").read();
            assertEquals(408, reply.status());
            double after = (System.nanoTime() - start) / 1e9;
            assertTrue(after < 9.9,
                    "answered after " + after + " s, due after 6 s and not 6 s after the 4 of the head");
        });
    }

    @Test
    void whoSendsAByteAtATimeIsClosedAfterTheRequestTimeout(TestServer server) {
        server.env("REVERB_REQUEST_TIMEOUT", "1s");
        besideOthers(server, () -> {
            HttpSocket socket = server.socket();
            List<Boolean> ended = new ArrayList<>();
            Await.until("the slow sender to be closed", () -> {
                socket.writeUnlessClosed(new byte[]{'G'});
                ended.add(socket.endsWithin(Duration.ofMillis(50)));
                return ended.getLast();
            });
            assertTrue(ended.size() < 80, ended.size() + " bytes were taken");
        });
    }

    @Test
    void aLaterRequestOfAKeptConnectionHasTheSameTime(TestServer server) {
        server.env("REVERB_REQUEST_TIMEOUT", "1s");
        HttpSocket socket = server.socket();
        assertEquals(200, socket.write("GET /up HTTP/1.1\r\nHost: localhost\r\n\r\n").read().status());
        long start = System.nanoTime();
        assertTrue(socket.write("GET /u").endsWithin(SHORTER_THAN_THE_DEFAULT));
        assertTrue(System.nanoTime() - start > Duration.ofSeconds(1).toNanos(), "due after 1 s");
    }

    @Test
    void aThousandConnectionsThatSayNothingHurtNobody(TestServer server) {
        besideOthers(server, () -> {
            for (int i = 0; i < 1_000; i++) {
                server.socket();
            }
        });
    }
}
