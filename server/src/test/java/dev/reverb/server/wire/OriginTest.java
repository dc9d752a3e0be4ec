package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.testkit.WireClient;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code allowed_origins}: the host part of {@code Origin} against glob patterns. */
@WireTest
class OriginTest {

    private static TestServer guarded(TestServer server) {
        return server.app("allowed_origins: [\"example.com\", \"*.example.org\", \"localhost\"]");
    }

    private static void assertRejected(WireClient client) {
        client.next("pusher:error").assertError(4009, "Origin not allowed");
        client.awaitClose(4009);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://example.com", "http://example.com", "https://example.com:8443",
            "https://a.example.org", "https://a.b.example.org:444", "http://localhost:3000"})
    void anOriginWhoseHostMatchesIsLetIn(String origin, TestServer server) {
        WireClient client = guarded(server).open("/app/app-key", "Origin: " + origin);
        assertEquals("pusher:connection_established", client.next().event());
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://evil.com", "https://example.org", "https://www.example.com",
            "https://example.com.evil.com", "https://example.com@evil.com", "https://evil.com/example.com",
            "https://evil.com#.example.org", "https://exampleXcom", "null", "", "http://[", "example.com:evil"})
    void anotherOriginIsRejectedAndClosed(String origin, TestServer server) {
        assertRejected(guarded(server).open("/app/app-key", "Origin: " + origin));
    }

    @Test
    void aPatternWithAPortMatchesThatPortOnly(TestServer server) {
        server.app("allowed_origins: [\"localhost:3000\", \"*.example.com:443\", \"[::1]\"]");
        for (String origin : List.of("http://localhost:3000", "https://a.example.com", "http://[::1]:9")) {
            assertEquals("pusher:connection_established",
                    server.open("/app/app-key", "Origin: " + origin).next().event(), origin);
        }
        for (String origin : List.of("http://localhost", "http://localhost:3001", "http://a.example.com")) {
            assertRejected(server.open("/app/app-key", "Origin: " + origin));
        }
    }

    @Test
    void aMissingOriginIsRejected(TestServer server) {
        assertRejected(guarded(server).open("/app/app-key"));
    }

    @Test
    void theStarAllowsAnyOriginAndNone(TestServer server) {
        server.app("allowed_origins: [\"*\"]");
        assertEquals("pusher:connection_established", server.open("/app/app-key").next().event());
        assertEquals("pusher:connection_established",
                server.open("/app/app-key", "Origin: https://any.where").next().event());
        assertEquals("pusher:connection_established", server.open("/app/app-key", "Origin: null").next().event());
    }

    @Test
    void aRejectedOriginReachesNoChannel(TestServer server) {
        WireClient client = guarded(server).open("/app/app-key", "Origin: https://evil.com");
        client.askFor("news");
        client.awaitClose(4009);
        assertEquals(1, client.count());
        assertEquals("{\"channels\":{}}", server.api().get("/channels").body());
    }

    @Test
    void aRejectedOriginIsGoneFromTheQuota(TestServer server) {
        guarded(server).app("max_connections: 1");
        assertRejected(server.open("/app/app-key", "Origin: https://evil.com"));
        WireClient client = server.open("/app/app-key", "Origin: https://example.com");
        assertEquals("pusher:connection_established", client.next().event());
    }
}
