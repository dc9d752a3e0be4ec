package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.Frame;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code GET /app/{key}}: who is let in, what it receives, and how the others are turned away. */
@WireTest
class HandshakeTest {

    private static final Credentials DISABLED = new Credentials("off", "off-key", "off-secret");

    private static void assertTurnedAway(WireClient client, int code) {
        assertEquals(101, client.handshake().status());
        client.next("pusher:error").assertError(code);
        client.awaitClose(code);
    }

    @Test
    void aWebSocketIsUpgradedAndPoweredByReverb(TestServer server) {
        WireClient client = server.open("/app/app-key?protocol=7&client=js&version=8.4.0&flash=false");
        assertEquals(101, client.handshake().status());
        assertEquals("Reverb", client.handshake().header("X-Powered-By").orElse(""));
        assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", client.handshake().header("Sec-WebSocket-Accept").orElse(""));
    }

    @Test
    void theConnectionIsToldItsSocketIdAndActivityTimeoutInAString(TestServer server) {
        server.app("activity_timeout: 17");
        Received first = server.open("/app/app-key?protocol=7").next();
        assertEquals("pusher:connection_established", first.event());
        JsonNode data = first.dataJson();
        assertTrue(data.path("activity_timeout").isInt(), first.text());
        assertEquals(17, data.path("activity_timeout").asInt());
        assertTrue(data.path("socket_id").isString(), first.text());
        assertEquals(2, data.size(), first.text());
        assertEquals(2, first.json().size(), first.text());
    }

    @Test
    void theActivityTimeoutIsThirtySecondsByDefault(TestServer server) {
        assertEquals(30, server.open("/app/app-key").next().dataJson().path("activity_timeout").asInt());
    }

    @Test
    void socketIdsAreTwoNumbersFromOneToABillionAndDiffer(TestServer server) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            try (WireClient client = server.connect()) {
                String id = client.socketId();
                assertTrue(id.matches("[1-9][0-9]{0,9}\\.[1-9][0-9]{0,9}"), id);
                for (String part : id.split("\\.")) {
                    long number = Long.parseLong(part);
                    assertTrue(number >= 1 && number <= 1_000_000_000, id);
                }
                assertTrue(seen.add(id), id);
            }
        }
        long large = seen.stream().filter(id -> Long.parseLong(id.substring(0, id.indexOf('.'))) > 100_000_000).count();
        assertTrue(large > 25, "random over the whole range: " + seen);
    }

    @Test
    void anUnknownKeyIs4001(TestServer server) {
        WireClient client = server.open("/app/nobody?protocol=7");
        client.next("pusher:error").assertError(4001, "Application does not exist");
        client.awaitClose(4001);
    }

    @Test
    void aDisabledApplicationIs4003(TestServer server) {
        server.app(DISABLED, "enabled: false");
        assertTurnedAway(server.open("/app/off-key?protocol=7"), 4003);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/app/app-key/more", "/app/app-key/", "/app/"})
    void anUpgradeThatNamesNoKeyIs4005(String path, TestServer server) {
        assertTurnedAway(server.open(path + "?protocol=7"), 4005);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/up", "/elsewhere", "/apps/app/events", "/App/app-key"})
    void onlyTheRouteOfClientsUpgrades(String path, TestServer server) {
        int status = server.open(path + "?protocol=7").handshake().status();
        assertTrue(status != 101 && status != 500, "status " + status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"seven", "7.x", "-", "7%20", "07x", "-7", "%2B7", "%D9%A7"})
    void aProtocolThatIsNoVersionIs4006(String version, TestServer server) {
        assertTurnedAway(server.open("/app/app-key?protocol=" + version), 4006);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "2", "3", "8", "99", "99999999999"})
    void aProtocolThatIsNotServedIs4007(String version, TestServer server) {
        assertTurnedAway(server.open("/app/app-key?protocol=" + version), 4007);
    }

    @ParameterizedTest
    @ValueSource(strings = {"4", "5", "6", "7"})
    void protocolsFourToSevenAreServed(String version, TestServer server) {
        server.open("/app/app-key?protocol=" + version).next("pusher:connection_established");
    }

    @Test
    void theNameOfTheParameterMayBePercentEncodedToo(TestServer server) {
        assertTurnedAway(server.open("/app/app-key?%70rotocol=3"), 4007);
    }

    @Test
    void anEmptyProtocolIs4008(TestServer server) {
        assertTurnedAway(server.open("/app/app-key?protocol="), 4008);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/app/app-key", "/app/app-key?", "/app/app-key?client=x"})
    void anAbsentProtocolCountsAsSeven(String target, TestServer server) {
        assertEquals("pusher:connection_established", server.open(target).next().event());
    }

    @Test
    void whoIsTurnedAwayReachesNoChannel(TestServer server) {
        WireClient stranger = server.open("/app/nobody");
        stranger.askFor("news");
        stranger.awaitClose(4001);
        assertEquals(1, stranger.count());
        assertEquals("{\"channels\":{}}", server.api().get("/channels").body());
    }

    @Test
    void aPlainGetIs426(TestServer server) {
        HttpSocket socket = server.socket();
        HttpReply reply = socket.write("GET /app/app-key HTTP/1.1\r\nHost: localhost\r\n\r\n").read();
        assertEquals(426, reply.status());
        assertTrue(reply.header("Upgrade").orElse("").equalsIgnoreCase("websocket"), reply.toString());
        assertEquals("Upgrade", reply.header("Connection").orElse(""), "RFC 9110, 7.8");
        assertEquals(200, socket.write("GET /up HTTP/1.1\r\nHost: localhost\r\n\r\n").read().status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 12",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\nSec-WebSocket-Version: 13"})
    void aBadHandshakeIs400(String headers, TestServer server) {
        HttpReply reply = server.socket()
                .write(HttpSocket.head("GET", "/app/app-key", "Upgrade: websocket", "Connection: Upgrade", headers))
                .read();
        assertEquals(400, reply.status(), reply.toString());
        assertNotEquals("", reply.body());
    }

    @Test
    void anUpgradeByPostIsNoUpgrade(TestServer server) {
        HttpReply reply = server.socket()
                .write(HttpSocket.upgrade("/app/app-key", "Content-Length: 0").replaceFirst("GET", "POST"))
                .read();
        assertTrue(reply.status() == 400 || reply.status() == 405, reply.toString());
    }

    @Test
    void headersOfAnUpgradeAreComparedWithoutCase(TestServer server) {
        HttpReply reply = server.socket()
                .write(HttpSocket.head("GET", "/app/app-key", "uPGRADE: WebSocket", "connection: keep-alive, upgrade",
                        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-version: 13"))
                .read();
        assertEquals(101, reply.status(), reply.toString());
    }

    @Test
    void framesSentWithTheHandshakeAreNotLost(TestServer server) {
        HttpSocket socket = server.socket();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(HttpSocket.upgrade("/app/app-key").getBytes(StandardCharsets.UTF_8));
        all.writeBytes(Frame.text("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"early\"}}").encode());
        assertEquals(101, socket.write(all.toByteArray()).read().status());
        assertEquals("pusher:connection_established", readEvent(socket).event());
        assertEquals("pusher_internal:subscription_succeeded", readEvent(socket).event());
    }

    private static Received readEvent(HttpSocket socket) {
        try {
            return Received.of(Frame.read(socket.in()).text());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void serverFramesAreWholeUnmaskedAndUnreserved(TestServer server) throws Exception {
        HttpSocket socket = server.socket();
        socket.write(HttpSocket.upgrade("/app/app-key")).read();
        Frame frame = Frame.read(socket.in());
        assertEquals(Frame.TEXT, frame.opcode());
        assertTrue(frame.last() && !frame.masked() && frame.reserved() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version: 8",
            "Sec-WebSocket-Version: 13"})
    void whatAHandshakeHasOnceIsNotThereTwice(String line, TestServer server) {
        HttpReply reply = server.socket().write(HttpSocket.upgrade("/app/app-key", line)).read();
        assertEquals(400, reply.status(), reply.toString());
    }

    @Test
    void ofTwoOriginsNoneIsBelieved(TestServer server) {
        server.app("allowed_origins: [good.example]");
        String[] origins = {"Origin: https://good.example", "Origin: https://evil.example"};
        assertEquals(400, server.socket().write(HttpSocket.upgrade("/app/app-key", origins)).read().status());
        assertEquals(101, server.socket().write(HttpSocket.upgrade("/app/app-key", origins[0])).read().status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/app/app%2Dkey?protocol=7", "/app/%61pp-key", "/app/app-key?protocol=%37"})
    void whatIsPercentEncodedIsWhatItStandsFor(String target, TestServer server) {
        server.open(target).next("pusher:connection_established");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/app/app-key?protocol", "/app/app-key?protocol=", "/app/app-key?client=js&protocol"})
    void aProtocolWithoutAValueIs4008(String target, TestServer server) {
        assertTurnedAway(server.open(target), 4008);
    }
}
