package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code REVERB_SERVER_PATH}: everything lives below a prefix. */
@WireTest
class PathPrefixTest {

    private static int status(TestServer server, String target) {
        return server.socket().write("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n").read().status();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ws", "ws", "/ws/"})
    void clientsConnectBelowThePrefix(String prefix, TestServer server) {
        server.env("REVERB_SERVER_PATH", prefix);
        assertEquals("pusher:connection_established", server.open("/ws/app/app-key?protocol=7").next().event());
    }

    @Test
    void aPrefixMayHaveSeveralParts(TestServer server) {
        server.env("REVERB_SERVER_PATH", "/a/b");
        assertEquals("pusher:connection_established", server.open("/a/b/app/app-key").next().event());
    }

    @Test
    void nothingIsServedBesideThePrefix(TestServer server) {
        server.env("REVERB_SERVER_PATH", "/ws");
        assertEquals(404, status(server, "/apps/app/channels"));
        assertEquals(404, status(server, "/wsx/up"));
        assertEquals(404, server.open("/app/app-key").handshake().status());
    }

    @Test
    void theHealthCheckLivesBelowThePrefix(TestServer server) {
        server.env("REVERB_SERVER_PATH", "/ws");
        assertEquals(200, status(server, "/ws/up"));
    }
}
