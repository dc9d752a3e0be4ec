package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.ApiRequest;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.HttpReply;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors of the HTTP API, each with its status and a reason. */
@WireTest
class ApiErrorTest {

    @Test
    void anUnknownApplicationIs404(TestServer server) {
        Credentials nobody = new Credentials("nobody", "app-key", "app-secret");
        HttpReply reply = server.api().send(new ApiRequest(nobody, "GET", "/apps/nobody/channels"));
        assertEquals(404, reply.status(), reply.toString());
        assertFalse(reply.body().isBlank());
    }

    @Test
    void aDisabledApplicationIs403(TestServer server) {
        Credentials off = new Credentials("off", "off-key", "off-secret");
        server.app(off, "enabled: false");
        HttpReply reply = server.api(off).get("/channels");
        assertEquals(403, reply.status(), reply.toString());
        assertFalse(reply.body().isBlank());
        assertEquals(403, server.api(off).post("/events", ApiClient.event("x", "1", "a")).status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/nothing", "/apps", "/apps/app", "/apps/app/nothing", "/apps/app/channels/a/nothing",
            "/apps/app/channels/a/users/x", "/apps/app/users/1", "/up/x", "/App/app-key", "/apps/app/events/x",
            "//apps/app/channels"})
    void anUnknownRouteIs404(String path, TestServer server) {
        HttpReply reply = server.api().send(server.api().requestTo("GET", path));
        assertEquals(404, reply.status(), reply.toString());
        assertFalse(reply.body().isBlank());
    }

    @ParameterizedTest
    @CsvSource({"GET, /apps/app/events, POST", "GET, /apps/app/batch_events, POST", "PUT, /apps/app/events, POST",
            "DELETE, /apps/app/channels, GET", "POST, /apps/app/channels, GET", "POST, /apps/app/connections, GET",
            "POST, /apps/app/channels/a, GET", "DELETE, /apps/app/channels/presence-a/users, GET",
            "GET, /apps/app/users/1/terminate_connections, POST", "POST, /up, GET", "DELETE, /up, GET",
            "OPTIONS, /apps/app/events, POST", "PATCH, /apps/app/events, POST"})
    void anotherMethodIs405AndTheRightOneIsNamed(String method, String path, String allowed, TestServer server) {
        HttpReply reply = server.api().send(server.api().requestTo(method, path));
        assertEquals(405, reply.status(), reply.toString());
        Set<String> names = Arrays.stream(reply.header("Allow").orElse("").split(","))
                .map(String::strip)
                .collect(Collectors.toSet());
        assertTrue(names.contains(allowed), "Allow: " + names);
        assertFalse(names.contains(method), "Allow: " + names);
    }

    @Test
    void everyReplySaysWhatItsBodyIs(TestServer server) {
        for (HttpReply reply : new HttpReply[]{server.api().get("/channels"), server.api().get("/nothing"),
                server.api().post("/events", "{"), server.api().post("/events", "{}"),
                server.api().get("/channels/a/users")}) {
            String type = reply.header("Content-Type").orElse("");
            assertTrue(type.startsWith("application/json") || type.startsWith("text/plain"), reply.toString());
            if (type.startsWith("application/json")) {
                assertFalse(reply.json().isMissingNode());
            }
        }
    }

    @Test
    void aValidationErrorIsJsonByField(TestServer server) {
        HttpReply reply = server.api().post("/events", "{}");
        assertEquals(422, reply.status());
        assertTrue(reply.header("Content-Type").orElse("").startsWith("application/json"), reply.toString());
        assertTrue(reply.json().path("name").path(0).isString(), reply.body());
    }

    @Test
    void noErrorTellsASecret(TestServer server) {
        HttpReply reply = server.api().send(server.api().request("GET", "/channels").signature(right -> "00"));
        assertFalse(reply.body().contains("app-secret"));
        String right = server.api().request("GET", "/channels").target();
        assertFalse(reply.body().contains(right.substring(right.length() - 64)), "the right signature is not told");
    }
}
