package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.ApiRequest;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.HttpSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a head decides is answered before the body comes, so that nobody without a secret makes the server hold one. */
@WireTest
class HeadRefusalTest {

    private static final String BODY = ApiClient.event("x", "1", "news");

    /** The head of {@code request} as it would be sent with {@link #BODY}. */
    private static String head(ApiRequest request) {
        String whole = new String(request.body(BODY).bytes(), java.nio.charset.StandardCharsets.UTF_8);
        return whole.substring(0, whole.indexOf("\r\n\r\n") + 4);
    }

    @ParameterizedTest
    @CsvSource({"POST, /apps/app/events, 401", "POST, /apps/other/events, 404", "PUT, /apps/app/events, 405",
            "POST, /apps/app/nothing, 404", "POST, /apps/app/channels, 405", "POST, /app/app-key, 405",
            "POST, /nothing, 404"})
    void anUnsignedRequestIsAnsweredBeforeItsBodyIsSent(String method, String path, int status, TestServer server) {
        for (String how : new String[]{"Content-Length: 100", "Content-Length: 40000", "Content-Length: 500000",
                "Transfer-Encoding: chunked"}) {
            try (HttpSocket socket = server.socket()) {
                assertEquals(status, socket.write(HttpSocket.head(method, path, how)).read().status(), how);
            }
        }
    }

    @Test
    void aWrongSignatureIsAnsweredBeforeTheBodyIsSent(TestServer server) {
        try (HttpSocket socket = server.socket()) {
            String head = head(server.api().request("POST", "/events")).replaceAll("auth_signature=....",
                    "auth_signature=0000");
            assertEquals(401, socket.write(head).read().status());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST /apps/app/events", "POST /apps/nobody/events", "POST /nothing"})
    void whoAsksFirstIsNotToldToContinue(String line, TestServer server) {
        try (HttpSocket socket = server.socket()) {
            String[] parts = line.split(" ");
            HttpReply reply = socket
                    .write(HttpSocket.head(parts[0], parts[1], "Expect: 100-continue", "Content-Length: 100"))
                    .readHead();
            assertTrue(reply.status() == 401 || reply.status() == 404, reply.toString());
        }
    }

    @Test
    void whoAsksFirstAndSignedIsToldToContinue(TestServer server) {
        try (HttpSocket socket = server.socket()) {
            ApiRequest request = server.api().request("POST", "/events").header("Expect: 100-continue");
            assertEquals(100, socket.write(head(request)).readHead().status());
            assertEquals(200, socket.write(BODY).read().status());
        }
    }

    @Test
    void aShortBodyThatIsNotWantedIsDroppedAndTheConnectionGoesOn(TestServer server) {
        try (HttpSocket socket = server.socket()) {
            assertEquals(401,
                    socket.write(HttpSocket.head("POST", "/apps/app/events", "Content-Length: 10")).read().status());
            socket.write("0123456789");
            assertEquals(200, socket.write(server.api().request("POST", "/events").body(BODY).bytes()).read().status());
        }
    }

    @Test
    void aBodyWithoutAMd5IsRefusedWithItsFirstByteAtTheLatest(TestServer server) {
        ApiRequest request = server.api().request("POST", "/events");
        String target = request.target();
        try (HttpSocket socket = server.socket()) {
            assertEquals(401, socket.write(HttpSocket.head("POST", target, "Content-Length: 10")).read().status());
        }
        try (HttpSocket socket = server.socket()) {
            socket.write(HttpSocket.head("POST", target, "Transfer-Encoding: chunked"));
            assertEquals(401, socket.write("1\r\n{\r\n").read().status());
        }
    }

    @Test
    void aBodyOtherThanTheSignedOneIsRefused(TestServer server) {
        try (HttpSocket socket = server.socket()) {
            String head = head(server.api().request("POST", "/events"));
            assertEquals(401, socket.write(head + BODY.replace("news", "olds")).read().status());
        }
    }

    @Test
    void manyHeaderLinesAreRefusedHoweverShort(TestServer server) {
        try (HttpSocket socket = server.socket()) {
            String[] lines = new String[200];
            java.util.Arrays.fill(lines, "a:");
            HttpReply reply = socket.write(HttpSocket.head("GET", "/up", lines)).read();
            assertEquals(431, reply.status());
            assertTrue(reply.body().contains("100 lines"), reply.body());
        }
    }

    @Test
    void bodiesTogetherTakeAsMuchAsTheyMayAndTheNextGets503(TestServer server) {
        server.env("REVERB_REQUEST_MEMORY", "100000").env("REVERB_MAX_REQUEST_SIZE", "90000");
        String body = ApiClient.event("x", "d".repeat(80_000), "news");
        byte[] request = server.api().request("POST", "/events").body(body).bytes();
        byte[] most = java.util.Arrays.copyOf(request, request.length - 10);
        try (HttpSocket first = server.socket()) {
            first.write(most);
            Await.until("the first to be held", () -> server.metric("reverb_request_body_bytes", "") > 79_000);
            HttpReply reply = server.api().sendRaw(request);
            assertEquals(503, reply.status(), reply.toString());
            assertEquals("1", reply.header("Retry-After").orElse(""));
            assertTrue(reply.body().contains("limits.request_memory"), reply.body());
            assertEquals(200, server.api().post("/events", BODY).status(), "one that comes whole takes none of it");
            first.write(java.util.Arrays.copyOfRange(request, request.length - 10, request.length));
            assertEquals(200, first.read().status());
        }
        assertEquals(0, server.metric("reverb_request_body_bytes", ""));
        Await.until("room again", () -> server.api().post("/events", body).status() == 200);
        assertTrue(server.metric("reverb_rejections_total", "memory") > 0);
    }
}
