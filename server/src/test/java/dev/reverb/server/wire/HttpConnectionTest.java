package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.WireClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/1.1 as back ends use it: kept connections, pipelines, chunks. */
@WireTest
class HttpConnectionTest {

    private static final String UP = "GET /up HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private static byte[] publish(TestServer server, String name) {
        return server.api().request("POST", "/events").body(ApiClient.event(name, "1", "news")).bytes();
    }

    @Test
    void aConnectionServesOneRequestAfterTheOther(TestServer server) {
        HttpSocket socket = server.socket();
        for (int i = 0; i < 20; i++) {
            assertEquals(200, socket.write(UP).read().status());
            assertEquals(200, socket.write(publish(server, "x")).read().status());
        }
    }

    @Test
    void repliesOfAPipelineComeInTheOrderOfTheRequests(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 20; i++) {
            all.writeBytes(publish(server, "e" + i));
            all.writeBytes(UP.getBytes(StandardCharsets.UTF_8));
            all.writeBytes(server.api().request("GET", "/channels/c" + i).bytes());
            all.writeBytes("GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        }
        HttpSocket socket = server.socket().write(all.toByteArray());
        for (int i = 0; i < 20; i++) {
            assertEquals("{}", socket.read().body());
            assertTrue(socket.read().body().contains("health"));
            assertTrue(socket.read().body().contains("occupied"));
            assertEquals(404, socket.read().status());
            client.next("e" + i);
        }
    }

    @Test
    void aBadRequestInAPipelineLeavesItsNeighboursAlone(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(publish(server, "first"));
        all.writeBytes(server.api().request("POST", "/events").body("{").bytes());
        all.writeBytes(publish(server, "second"));
        all.writeBytes(server.api().request("POST", "/events").body("{}").signature(right -> "00").bytes());
        all.writeBytes(publish(server, "third"));
        all.writeBytes(
                server.api().request("POST", "/events").body(ApiClient.event("x", "d".repeat(20_000), "news")).bytes());
        all.writeBytes(publish(server, "fourth"));
        all.writeBytes(server.api().request("PUT", "/events").body("{}").bytes());
        all.writeBytes(publish(server, "fifth"));
        HttpSocket socket = server.socket().write(all.toByteArray());
        for (int expected : new int[]{200, 400, 200, 401, 200, 413, 200, 405, 200}) {
            assertEquals(expected, socket.read().status());
        }
        for (String event : new String[]{"first", "second", "third", "fourth", "fifth"}) {
            client.next(event);
        }
        client.assertNothingMore();
    }

    @Test
    void aPipelineMayComeByteByByte(TestServer server) {
        HttpSocket socket = server.socket();
        byte[] request = publish(server, "x");
        for (byte b : request) {
            socket.write(new byte[]{b});
        }
        assertEquals(200, socket.read().status());
        assertEquals(200, socket.write(request).read().status());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 100, 100_000})
    void aChunkedBodyIsTaken(int size, TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        HttpSocket socket = server.socket();
        for (int i = 0; i < 2; i++) {
            socket.write(server.api()
                    .request("POST", "/events")
                    .body(ApiClient.event("x", "data", "news"))
                    .chunked(size)
                    .bytes());
            assertEquals(200, socket.read().status());
            assertEquals("data", client.next("x").data());
        }
        client.assertNothingMore();
    }

    @Test
    void chunksMayHaveExtensionsAndTrailers(TestServer server) {
        String body = ApiClient.event("x", "data", "news");
        String request = new String(server.api().request("POST", "/events").body(body).chunked(1000).bytes(),
                StandardCharsets.UTF_8).replaceFirst("\r\n\r\n([0-9a-f]+)\r\n", "\r\n\r\n$1;ext=1\r\n")
                .replaceFirst("0\r\n\r\n$", "0\r\nTrailer: x\r\n\r\n");
        HttpSocket socket = server.socket().write(request);
        assertEquals(200, socket.read().status());
        assertEquals(200, socket.write(UP).read().status());
    }

    @Test
    void theJdksClientIsServed(TestServer server) throws IOException, InterruptedException {
        WireClient client = server.connect();
        client.subscribe("news");
        String body = ApiClient.event("x", "1", "news");
        try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            for (int i = 0; i < 3; i++) {
                String target = server.api().request("POST", "/events").body(body).target();
                HttpResponse<String> reply = http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.address().getPort() + target))
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertEquals(200, reply.statusCode(), reply.body());
                client.next("x");
            }
        }
    }

    @Test
    void aClientThatOffersHttp2IsServedByHttp1(TestServer server) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            HttpResponse<String> reply = http
                    .send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.address().getPort() + "/up"))
                            .build(), HttpResponse.BodyHandlers.ofString());
            assertEquals(200, reply.statusCode());
        }
    }

    @Test
    void whoExpectsToContinueIsTold(TestServer server) {
        byte[] request = server.api()
                .request("POST", "/events")
                .header("Expect: 100-continue")
                .body(ApiClient.event("x", "1", "news"))
                .bytes();
        int head = new String(request, StandardCharsets.UTF_8).indexOf("\r\n\r\n") + 4;
        HttpSocket socket = server.socket().write(Arrays.copyOf(request, head));
        assertEquals(100, socket.readHead().status());
        socket.write(Arrays.copyOfRange(request, head, request.length));
        assertEquals(200, socket.read().status());
    }

    @Test
    void whoAsksForCloseIsClosedAfterTheReply(TestServer server) {
        HttpSocket socket = server.socket().write("GET /up HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        HttpReply reply = socket.read();
        assertEquals(200, reply.status());
        assertEquals("close", reply.header("Connection").orElse(""));
        assertTrue(socket.endsWithin(HttpSocket.PATIENCE));
    }

    @Test
    void http10IsServedAndClosed(TestServer server) {
        HttpSocket socket = server.socket().write("GET /up HTTP/1.0\r\n\r\n");
        assertEquals(200, socket.read().status());
        assertTrue(socket.endsWithin(HttpSocket.PATIENCE));
    }

    @Test
    void http10ThatAsksToBeKeptIsKept(TestServer server) {
        HttpSocket socket = server.socket();
        for (int i = 0; i < 3; i++) {
            HttpReply reply = socket.write("GET /up HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").read();
            assertEquals(200, reply.status());
            assertTrue(reply.header("Content-Length").isPresent(), reply.toString());
        }
    }

    @Test
    void whoFinishesSendingStillGetsItsReply(TestServer server) {
        HttpSocket socket = server.socket().write(publish(server, "x"));
        socket.finish();
        assertEquals(200, socket.read().status());
        assertTrue(socket.endsWithin(HttpSocket.PATIENCE));
    }

    @Test
    void aConnectionMayBecomeAWebSocketAfterARequest(TestServer server) {
        HttpSocket socket = server.socket();
        assertEquals(200, socket.write(UP).read().status());
        assertEquals(101, socket.write(HttpSocket.upgrade("/app/app-key")).read().status());
    }

    @Test
    void anIdleConnectionIsClosedAfterItsTime(TestServer server) {
        server.env("REVERB_KEEP_ALIVE_TIMEOUT", "1s");
        HttpSocket socket = server.socket();
        long start = System.nanoTime();
        assertEquals(200, socket.write(UP).read().status());
        // the default is 75 s
        assertTrue(socket.endsWithin(HttpSocket.PATIENCE));
        assertTrue(System.nanoTime() - start > Duration.ofMillis(900).toNanos(), "due after 1 s");
    }
}
