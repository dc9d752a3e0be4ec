package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.transport.http.AddressLimits;
import dev.reverb.server.transport.http.AddressLimits.Decision;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.Frame;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.WireClient;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** {@code limits.max_connections_per_address} and {@code limits.handshakes_per_second_per_address}. */
@WireTest
class AddressLimitTest {

    private static final String[] UPGRADE = {"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="};

    private static HttpReply handshake(TestServer server, String... headers) {
        return server.socket()
                .write("GET /app/app-key?protocol=7 HTTP/1.1\r\nHost: localhost\r\n" + String.join("\r\n", UPGRADE)
                        + "\r\n" + (headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n") + "\r\n")
                .read();
    }

    @Test
    void anAddressHasAsManyConnectionsAsItMayAndAPlaceIsFreeAgain(TestServer server) {
        server.file("limits: {max_connections_per_address: 2}");
        WireClient first = server.connect();
        server.connect();

        HttpReply refused = handshake(server);
        assertEquals(429, refused.status());
        assertTrue(refused.header("Retry-After").isPresent());
        assertEquals(1, server.metric("reverb_rejections_total", "\"address\""));
        assertEquals(200, server.api().get("/channels").status(), "the HTTP API is no WebSocket");

        first.send(Frame.close(1000, "")).awaitClose(1000);
        Await.until("a free place", () -> handshake(server).status() == 101);
    }

    @Test
    void aTrustedProxysClientsAreToldApartAndAnUntrustedOnesAreNot(TestServer server) {
        server.file("limits: {max_connections_per_address: 1}", "server: {trusted_proxies: [127.0.0.1]}");
        assertEquals(101, handshake(server, "X-Forwarded-For: 203.0.113.1").status());
        assertEquals(101, handshake(server, "X-Forwarded-For: 203.0.113.2").status());
        assertEquals(429, handshake(server, "X-Forwarded-For: 203.0.113.2").status());
        assertEquals(429, handshake(server, "X-Forwarded-For: 203.0.113.9, 203.0.113.2").status(),
                "what a client writes itself counts for nothing");
    }

    @Test
    void withoutATrustedProxyTheHeaderCountsForNothing(TestServer server) {
        server.file("limits: {max_connections_per_address: 1}");
        assertEquals(101, handshake(server, "X-Forwarded-For: 203.0.113.1").status());
        assertEquals(429, handshake(server, "X-Forwarded-For: 203.0.113.2").status());
    }

    @Test
    void whoComesTooFastWaits(TestServer server) {
        server.file("limits: {handshakes_per_second_per_address: 1}");
        Await.until("more handshakes than one a second", () -> handshake(server).status() == 429);
        Await.until("the rate", () -> handshake(server).status() == 101);
    }

    @Test
    void theRateIsThatOfTheClockAndIpv6CountsByItsNetwork() {
        AtomicLong clock = new AtomicLong();
        AddressLimits limits = new AddressLimits(0, 5, clock::get);
        String[] one = {"2001:db8:0:1:0:0:0:1", "2001:db8:0:1:0:0:0:2"};
        for (int i = 0; i < 10; i++) {
            assertEquals(Decision.ADMITTED, limits.admit(one[i % 2]));
        }
        assertEquals(Decision.TOO_FAST, limits.admit(one[0]));
        assertEquals(Decision.ADMITTED, limits.admit("2001:db8:0:2:0:0:0:1"));
        clock.addAndGet(1_000_000_000L);
        for (int i = 0; i < 5; i++) {
            assertEquals(Decision.ADMITTED, limits.admit(one[0]));
        }
        assertEquals(Decision.TOO_FAST, limits.admit(one[1]));
    }

    @Test
    void addressesThatAreGoneAreForgotten() {
        AtomicLong clock = new AtomicLong();
        AddressLimits limits = new AddressLimits(1, 0, clock::get);
        for (int i = 0; i < 300_000; i++) {
            assertEquals(Decision.ADMITTED, limits.admit("10.0.0." + i));
            limits.released("10.0.0." + i);
        }
    }
}
