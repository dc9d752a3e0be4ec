package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.HttpSocket;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The management port in a cluster is open to every pod: whoever holds connections there shuts nobody out. */
@WireTest
class ManagementPortTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "GET", "GET /livez HTTP/1.1\r\nHost: a\r\n",
            "POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx"})
    void halfARequestEnds(String half, TestServer server) {
        assertTrue(server.managementSocket().write(half).endsWithin(Duration.ofSeconds(30)));
    }

    @Test
    void whoHoldsManyConnectionsShutsNoProbeOut() {
        // a probe of the kubelet comes on a connection of its own
        try (TestServer server = new TestServer()) {
            List<HttpSocket> silent = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                silent.add(server.managementSocket());
            }
            assertEquals(200, server.management("/livez").status());
            assertEquals(200, server.management("/readyz").status());
            assertTrue(silent.getFirst().endsWithin(Duration.ofSeconds(5)), "the oldest makes room");
        }
    }

    @Test
    void aScraperKeepsItsConnection(TestServer server) {
        HttpSocket socket = server.managementSocket();
        for (int i = 0; i < 3; i++) {
            assertEquals(200, socket.write(HttpSocket.head("GET", "/metrics")).read().status());
        }
        socket.write(HttpSocket.head("GET", "/livez").repeat(2));
        assertEquals("ok\n", socket.read().body());
        assertEquals("ok\n", socket.read().body());
    }

    @Test
    void whatIsNotThereSaysWhatIs(TestServer server) {
        HttpReply reply = server.management("/livez/x");
        assertEquals(404, reply.status());
        assertTrue(reply.body().contains("/readyz"), reply.body());
        HttpReply deleted = server.managementSocket().write(HttpSocket.head("DELETE", "/livez")).read();
        assertEquals(405, deleted.status());
        assertEquals("GET, HEAD", deleted.header("Allow").orElse(""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/livez", "/readyz", "/metrics", "/status", "/nothing"})
    void aPageHasItsDate(String path, TestServer server) {
        String date = server.management(path).header("Date").orElse("none");
        ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /livez HTTP/9.9", "GET /livez HTTP/0.9", "GET /livez HTTP/2.0", "PRI * HTTP/2.0"})
    void anotherVersionOfHttpIs505(String line, TestServer server) {
        HttpSocket socket = server.managementSocket();
        assertEquals(505, socket.write(line + "\r\nHost: a\r\n\r\n").read().status());
    }

    @Test
    void aTargetMayHaveAllItsForms(TestServer server) {
        HttpSocket socket = server.managementSocket();
        assertEquals("ok\n", socket.write("GET http://a:1/livez HTTP/1.1\r\nHost: a:1\r\n\r\n").read().body());
        assertEquals("ok\n", socket.write("GET /livez?x=1 HTTP/1.0\r\n\r\n").read().body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Host: a\r\nHost: b\r\n"})
    void aRequestHasOneHost(String hosts, TestServer server) {
        HttpSocket socket = server.managementSocket();
        assertEquals(400, socket.write("GET /livez HTTP/1.1\r\n" + hosts + "\r\n").read().status());
    }
}
