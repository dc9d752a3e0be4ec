package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.HttpSocket;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every reply says of itself, and which versions are spoken. */
@WireTest
class HttpHeadersTest {

    @ParameterizedTest
    @ValueSource(strings = {"/up", "/nothing", "/app/app-key", "/apps/app/channels", "/apps/none/channels"})
    void aReplyHasItsDateAndIsNotSniffed(String path, TestServer server) {
        HttpReply reply = server.socket().write("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").read();
        Instant date = ZonedDateTime.parse(reply.header("Date").orElse("none"), DateTimeFormatter.RFC_1123_DATE_TIME)
                .toInstant();
        assertTrue(Duration.between(date, Instant.now()).abs().toSeconds() < 10, date.toString());
        assertEquals("nosniff", reply.header("X-Content-Type-Options").orElse(""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/2.0", "HTTP/0.9", "HTTP/9.9"})
    void anotherVersionOfHttpIs505(String version, TestServer server) {
        HttpSocket socket = server.socket();
        assertEquals(505, socket.write("GET /up " + version + "\r\nHost: localhost\r\n\r\n").read().status());
    }

    @Test
    void thePrefaceOfHttp2IsAnsweredOnce(TestServer server) {
        HttpSocket socket = server.socket();
        HttpReply reply = socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").read();
        assertEquals(505, reply.status(), reply.toString());
        assertEquals("close", reply.header("Connection").orElse(""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Sec-WebSocket-Version: 12", "Sec-WebSocket-Version: 8", "X-None: 1"})
    void whoAsksForAnotherVersionOfWebSocketIsToldWhichIsSpoken(String version, TestServer server) {
        HttpReply reply = server.socket()
                .write(HttpSocket.head("GET", "/app/app-key", "Upgrade: websocket", "Connection: Upgrade",
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", version))
                .read();
        assertEquals(400, reply.status(), reply.toString());
        assertEquals("13", reply.header("Sec-WebSocket-Version").orElse(""));
    }

    @Test
    void anUnoccupiedChannelHasNoCounts(TestServer server) {
        assertEquals("{\"occupied\":false}",
                server.api().get("/channels/news", "info", "subscription_count,user_count").body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/up", "/nothing", "/apps/app/channels"})
    void aReplyToHeadHasNoBodyThoughTheRequestHasOne(String path, TestServer server) {
        HttpSocket socket = server.socket();
        socket.write(HttpSocket.head("HEAD", path, "Content-Length: 3") + "abc");
        assertEquals("", socket.readHead().body());
        assertEquals("{\"health\":\"OK\"}", socket.write("GET /up HTTP/1.1\r\nHost: a\r\n\r\n").read().body(),
                "nothing was before it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/connections", "/channels", "/channels/news", "/channels/presence-a/users"})
    void whatHasGetHasHead(String path, TestServer server) {
        server.connect().subscribePresence("presence-a", "{\"user_id\":\"1\"}");
        HttpSocket socket = server.socket();
        HttpReply head = socket.write(HttpSocket.head("HEAD", server.api().request("HEAD", path).target())).readHead();
        assertEquals(200, head.status(), head.toString());
        HttpReply get = socket.write(HttpSocket.head("GET", server.api().request("GET", path).target())).read();
        assertEquals(200, get.status(), "nothing was before it: " + get);
        assertEquals(get.header("Content-Length"), head.header("Content-Length"));
        HttpReply put = server.api().send(server.api().request("PUT", path));
        assertEquals("GET, HEAD", put.header("Allow").orElse(""));
    }

    @Test
    void aStreamHasNoHead(TestServer server) {
        HttpReply reply = server.socket().write(HttpSocket.head("HEAD", "/apps/app/tail")).readHead();
        assertEquals(405, reply.status());
        assertEquals("GET", reply.header("Allow").orElse(""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http/1.1", "Http/1.1", "hTTP/1.0"})
    void theVersionOfHttpIsInUpperCase(String version, TestServer server) {
        assertEquals(400, server.socket().write("GET /up " + version + "\r\nHost: a\r\n\r\n").read().status());
    }

    @Test
    void aReplyToHeadThatEndsTheConnectionHasNoBodyEither(TestServer server) throws IOException {
        HttpSocket socket = server.socket().write("HEAD /up HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
        assertEquals(400, socket.readHead().status());
        assertEquals(0, socket.in().readAllBytes().length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip, chunked", "chunked\r\nTransfer-Encoding: gzip", "deflate"})
    void aCodingThatIsNotUnderstoodIsNotTakenForAnother(String coding, TestServer server) {
        HttpReply reply = server.socket()
                .write(HttpSocket.head("POST", server.api().request("POST", "/events").target(),
                        "Transfer-Encoding: " + coding) + "0\r\n\r\n")
                .read();
        assertTrue(reply.status() == 501 || reply.status() == 400, reply.toString());
        assertEquals("close", reply.header("Connection").orElse(""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a/b", "user@a", "a?b", "a#b", "a, b"})
    void aHostHeaderIsAHost(String host, TestServer server) {
        assertEquals(400, server.socket().write("GET /up HTTP/1.1\r\nHost: " + host + "\r\n\r\n").read().status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost:8080", "[::1]:80", "a_b.example", "xn--bcher-kva.example"})
    void hostsOfAllFormsAreTaken(String host, TestServer server) {
        assertEquals(200, server.socket().write("GET /up HTTP/1.1\r\nHost: " + host + "\r\n\r\n").read().status());
    }

    @Test
    void whatIsAllowedIsAllThatIsServed(TestServer server) {
        HttpReply reply = server.socket().write(HttpSocket.head("PUT", "/up")).read();
        assertEquals(405, reply.status());
        assertEquals("GET, HEAD", reply.header("Allow").orElse(""));
    }

    @Test
    void aStreamHasItsDateToo(TestServer server) {
        HttpReply head = server.socket().write(server.api().request("GET", "/tail").bytes()).readHead();
        ZonedDateTime.parse(head.header("Date").orElse("none"), DateTimeFormatter.RFC_1123_DATE_TIME);
    }
}
