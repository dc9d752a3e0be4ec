package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.ApiRequest;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.WireClient;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every request but {@code /up} is signed, and only the right signature is taken. */
@WireTest
class ApiSignatureTest {

    private static final String EVENT = ApiClient.event("x", "1", "news");

    private static ApiRequest get(TestServer server) {
        return server.api().request("GET", "/channels");
    }

    private static ApiRequest post(TestServer server) {
        return server.api().request("POST", "/events").body(EVENT);
    }

    private static long now() {
        return System.currentTimeMillis() / 1000;
    }

    private static void assertRefused(TestServer server, ApiRequest request) {
        HttpReply reply = server.api().send(request);
        assertEquals(401, reply.status(), reply.toString());
        assertFalse(reply.body().isBlank(), "a reason is given");
    }

    private static void assertTaken(TestServer server, ApiRequest request) {
        HttpReply reply = server.api().send(request);
        assertEquals(200, reply.status(), reply.toString());
    }

    @Test
    void theRightSignatureIsTaken(TestServer server) {
        assertTaken(server, get(server));
        assertTaken(server, post(server));
        assertTaken(server, get(server).param("filter_by_prefix", "a").param("info", "subscription_count"));
    }

    @Test
    void aWrongSignatureIsRefused(TestServer server) {
        assertRefused(server, get(server).signature(right -> ""));
        assertRefused(server, get(server).signature(right -> "00"));
        assertRefused(server, get(server).signature(right -> right.substring(1)));
        assertRefused(server, get(server).signature(right -> right + "0"));
        assertRefused(server, get(server).signature(right -> "0".repeat(64)));
        assertRefused(server, post(server).signature(right -> ""));
    }

    @Test
    void aRefusedPublishReachesNobody(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        assertRefused(server, post(server).signature(right -> "0".repeat(64)));
        client.assertNothingMore();
    }

    @Test
    void anotherSecretIsRefused(TestServer server) {
        Credentials wrong = new Credentials("app", "app-key", "other-secret");
        assertRefused(server, new ApiRequest(wrong, "GET", "/apps/app/channels"));
    }

    @Test
    void theKeyMustBeTheApplications(TestServer server) {
        server.app(new Credentials("other", "other-key", "other-secret"));
        assertRefused(server, get(server).param("auth_key", "other-key"));
        assertRefused(server, get(server).param("auth_key", "APP-KEY"));
        assertRefused(server, get(server).param("auth_key", ""));
        assertRefused(server, get(server).without("auth_key"));
    }

    @Test
    void aKeyOfAnotherApplicationOpensNothing(TestServer server) {
        Credentials other = new Credentials("other", "other-key", "other-secret");
        server.app(other);
        assertRefused(server, new ApiRequest(other, "GET", "/apps/app/channels"));
    }

    @Test
    void theTimestampLiesWithinTenMinutes(TestServer server) {
        assertTaken(server, get(server).param("auth_timestamp", Long.toString(now() - 590)));
        assertTaken(server, get(server).param("auth_timestamp", Long.toString(now() + 590)));
        assertRefused(server, get(server).param("auth_timestamp", Long.toString(now() - 610)));
        assertRefused(server, get(server).param("auth_timestamp", Long.toString(now() + 610)));
        assertRefused(server, get(server).param("auth_timestamp", Long.toString(now() * 1000)));
    }

    @Test
    void theToleranceIsASetting(TestServer server) {
        server.env("REVERB_SIGNATURE_TOLERANCE", "30");
        assertTaken(server, get(server).param("auth_timestamp", Long.toString(now() - 20)));
        assertRefused(server, get(server).param("auth_timestamp", Long.toString(now() - 40)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "now", "1e9", "-1", "0", "99999999999999999999999", "0x10"})
    void aTimestampThatIsNoneIsRefused(String timestamp, TestServer server) {
        assertRefused(server, get(server).param("auth_timestamp", timestamp));
        assertRefused(server, get(server).without("auth_timestamp"));
    }

    @Test
    void aTimestampHasOnlyTheDigitsOfAscii(TestServer server) {
        String now = Long.toString(now());
        assertRefused(server, get(server).param("auth_timestamp", "+" + now));
        assertRefused(server, get(server).param("auth_timestamp", now.replace('1', '\u0661')));
        assertTaken(server, get(server).param("auth_timestamp", now));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "2.0", "1.00", "1.0.0"})
    void anotherVersionIsRefused(String version, TestServer server) {
        assertRefused(server, get(server).param("auth_version", version));
        assertRefused(server, get(server).without("auth_version"));
    }

    @Test
    void theBodyMatchesItsMd5(TestServer server) {
        assertRefused(server, post(server).param("body_md5", Credentials.md5("x".getBytes(StandardCharsets.UTF_8))));
        assertRefused(server, post(server).param("body_md5", ""));
        assertRefused(server, post(server).without("body_md5"));
    }

    @Test
    void theMd5IsOfTheBytesAlsoWhenTheyAreChunked(TestServer server) {
        assertTaken(server, post(server).chunked(7));
        assertRefused(server, post(server).chunked(7).param("body_md5", "0".repeat(32)));
    }

    @Test
    void theMethodIsSignedInUpperCase(TestServer server) {
        assertRefused(server, get(server).signing(right -> right.replaceFirst("GET", "get")));
        assertRefused(server, get(server).signing(right -> right.replaceFirst("GET", "POST")));
    }

    @Test
    void thePathIsSigned(TestServer server) {
        assertRefused(server, get(server).signing(right -> right.replace("/channels", "/events")));
        assertRefused(server, get(server).signing(right -> right.replace("/channels", "/channels/")));
        assertRefused(server, get(server).signing(right -> right.replace("/apps/", "/APPS/")));
    }

    @Test
    void theQueryIsSignedInTheOrderOfItsNames(TestServer server) {
        ApiRequest unsorted = get(server).param("a", "1");
        assertRefused(server, unsorted.signing(right -> right.replace("a=1&", "") + "&a=1"));
        // sent in any order
        assertTaken(server, get(server).param("zz", "1").param("aa", "2").param("mm", "3"));
    }

    @Test
    void namesAreSignedInLowerCase(TestServer server) {
        assertTaken(server, get(server).param("Zz", "Upper").param("AA", "b"));
        assertRefused(server, get(server).param("Zz", "Upper").signing(right -> right.replace("zz", "Zz")));
        assertRefused(server, get(server).param("zz", "Upper").signing(right -> right.replace("Upper", "upper")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a&b", "a=b", "é", "a%b", "a+b", "user_count,subscription_count", "/#?"})
    void valuesAreSignedRaw(String value, TestServer server) {
        assertTaken(server, get(server).param("any", value));
    }

    @Test
    void everyParameterIsSigned(TestServer server) {
        assertRefused(server, get(server).param("info", "subscription_count")
                .signing(right -> right.replace("&info=subscription_count", "")));
    }

    @Test
    void everyEndpointIsGuarded(TestServer server) {
        for (String path : new String[]{"/connections", "/channels", "/channels/a", "/channels/presence-a/users"}) {
            assertRefused(server, server.api().request("GET", path).signature(right -> "0".repeat(64)));
        }
        for (String path : new String[]{"/events", "/batch_events", "/users/1/terminate_connections"}) {
            assertRefused(server, server.api().request("POST", path).body(EVENT).signature(right -> "0".repeat(64)));
        }
    }

    @Test
    void aHealthCheckIsNotSigned(TestServer server) {
        HttpReply reply = server.socket().write("GET /up HTTP/1.1\r\nHost: localhost\r\n\r\n").read();
        assertEquals(200, reply.status());
        assertEquals(Json.parse("{\"health\":\"OK\"}"), reply.json());
    }

    @Test
    void aPrefixOfThePathIsNotSigned(TestServer server) {
        server.env("REVERB_SERVER_PATH", "/ws");
        HttpReply taken = server.api().send(get(server).prefix("/ws"));
        assertEquals(200, taken.status(), taken.toString());
        assertRefused(server, get(server).prefix("/ws").signing(right -> right.replace("/apps", "/ws/apps")));
        assertEquals(404, server.api().send(get(server)).status());
    }
}
