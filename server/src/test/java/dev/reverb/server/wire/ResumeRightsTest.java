package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Json;
import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import dev.reverb.testkit.redis.CutProxy;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Who returns is authorised for its new connection; who lost the right gets nothing of what was kept. */
@WireTest
class ResumeRightsTest {

    private static final String[] SETTINGS = {"user_authentication: true",
            "history: [{channels: \"*\", count: 100, age: 60}]"};

    /** Channels that not everybody may read. */
    enum Kind {
        PRIVATE("private-a"),
        PRESENCE("presence-a"),
        ENCRYPTED("private-encrypted-a"),
        CACHE("private-cache-a"),
        USER("#server-to-user-7");

        private final String channel;

        Kind(String channel) {
            this.channel = channel;
        }

        /** The data of a member of the channel, or null where it has none. */
        private @Nullable String data() {
            return this == PRESENCE ? "{\"user_id\":\"7\"}" : null;
        }

        /** The signature of connection {@code socketId} for this channel. */
        private String auth(String socketId) {
            String data = data();
            return this == USER ? ""
                    : data == null ? TestServer.APP.auth(socketId, channel)
                            : TestServer.APP.auth(socketId, channel, data);
        }
    }

    private static void signIn(WireClient client, String id) {
        String user = "{\"id\":\"" + id + "\"}";
        client.send("{\"event\":\"pusher:signin\",\"data\":{\"auth\":"
                + Json.quote(TestServer.APP.userAuth(client.socketId(), user)) + ",\"user_data\":" + Json.quote(user)
                + "}}");
        client.next("pusher:signin_success");
    }

    private static void ask(WireClient client, Kind kind, String auth, String resume) {
        String data = kind.data();
        client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + kind.channel + "\",\"auth\":"
                + Json.quote(auth) + (data == null ? "" : ",\"channel_data\":" + Json.quote(data)) + ",\"resume\":"
                + resume + "}}");
    }

    private static JsonNode subscribe(WireClient client, Kind kind, String resume) {
        if (kind == Kind.USER) {
            signIn(client, "7");
        }
        ask(client, kind, kind.auth(client.socketId()), resume);
        client.next("pusher_internal:subscription_succeeded");
        return Json.parse(client.next("pusher_internal:resumed").data());
    }

    private static void publish(TestServer server, Kind kind, String data) {
        server.api().publish("e", data, kind.channel);
    }

    /** The position that a client has which received a first message, and was cut. */
    private static String position(TestServer server, WireClient client, Kind kind) {
        subscribe(client, kind, "{}");
        publish(server, kind, "1");
        if (kind == Kind.CACHE) {
            client.next("pusher:cache_miss");
        }
        Received first = client.next("e");
        assertEquals("1", first.data());
        return "{\"position\":\"" + first.json().path("position").asString() + "\"}";
    }

    @ParameterizedTest
    @EnumSource
    void whoIsAuthorisedAnewGetsWhatItMissed(Kind kind, TestServer server) {
        server.app(SETTINGS);
        WireClient client = server.connect();
        String position = position(server, client, kind);
        client.reset();
        publish(server, kind, "2");
        publish(server, kind, "3");
        WireClient again = server.connect();
        JsonNode answer = subscribe(again, kind, position);
        assertTrue(answer.path("recovered").asBoolean(), answer.toString());
        assertEquals("2", again.next("e").data());
        assertEquals("3", again.next("e").data());
        again.assertNothingMore();
    }

    @ParameterizedTest
    @EnumSource
    void whoHasTheFormerConnectionsSignatureOrNoneGetsNothing(Kind kind, TestServer server) {
        server.app(SETTINGS);
        WireClient client = server.connect();
        String former = kind.auth(client.socketId());
        String position = position(server, client, kind);
        client.reset();
        publish(server, kind, "2");
        String tail = position.replace("}", ",\"fallback\":\"tail\"}");
        for (String auth : new String[]{former, "", "app-key:00"}) {
            for (String resume : new String[]{position, tail, "{\"rewind\":{\"count\":10}}"}) {
                WireClient again = server.connect();
                if (kind == Kind.USER) {
                    signIn(again, "8");
                }
                ask(again, kind, auth, resume);
                again.next("pusher:error").assertError(4009);
                again.assertNothingMore();
                publish(server, kind, "later");
                again.assertNothingMore();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSameHoldsOnAnotherServer(Kind kind, TestServer one, TestServer other) {
        HistoryStore.REDIS.of(one, other);
        one.app(SETTINGS);
        other.app(SETTINGS);
        HistoryStore.REDIS.reached(one, other);
        WireClient client = one.connect();
        String former = kind.auth(client.socketId());
        String position = position(one, client, kind);
        client.reset();
        publish(one, kind, "2");
        WireClient lost = other.connect();
        if (kind == Kind.USER) {
            signIn(lost, "8");
        }
        ask(lost, kind, former, position.replace("}", ",\"fallback\":\"tail\"}"));
        lost.next("pusher:error").assertError(4009);
        WireClient again = other.connect();
        JsonNode answer = subscribe(again, kind, position);
        assertTrue(answer.path("recovered").asBoolean(), answer.toString());
        assertEquals("2", again.next("e").data());
        publish(one, kind, "3");
        assertEquals("3", again.next("e").data());
        again.assertNothingMore();
        lost.assertNothingMore();
    }

    @Test
    void theSignatureOfAnotherMemberIsNone(TestServer server) {
        server.app(SETTINGS);
        String position = position(server, server.connect(), Kind.PRESENCE);
        publish(server, Kind.PRESENCE, "2");
        WireClient again = server.connect();
        String auth = TestServer.APP.auth(again.socketId(), Kind.PRESENCE.channel, "{\"user_id\":\"8\"}");
        ask(again, Kind.PRESENCE, auth, position);
        again.next("pusher:error").assertError(4009);
        again.assertNothingMore();
    }

    /** Its history is on its way when it goes, and is refused when it asks again. */
    @Test
    void whoLostTheRightWhileItsHistoryWasReadGetsNothing(TestServer server) throws IOException {
        try (RedisProcess redis = RedisProcess.server(); CutProxy proxy = new CutProxy(redis.port())) {
            server.env("REVERB_SCALING_ENABLED", "true")
                    .env("REDIS_HOST", "127.0.0.1")
                    .env("REDIS_PORT", Integer.toString(proxy.port()));
            server.app(SETTINGS);
            ScaledTest.awaitReached(server);
            WireClient client = server.connect();
            String position = position(server, client, Kind.PRIVATE);
            client.reset();
            publish(server, Kind.PRIVATE, "2");
            WireClient again = server.connect();
            proxy.hold();
            ask(again, Kind.PRIVATE, Kind.PRIVATE.auth(again.socketId()), position);
            again.send("{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"" + Kind.PRIVATE.channel + "\"}}");
            ask(again, Kind.PRIVATE, "app-key:00", position);
            again.next("pusher:error").assertError(4009);
            proxy.resume();
            // the former read has ended when one that began later has
            WireClient other = server.connect();
            assertTrue(subscribe(other, Kind.PRIVATE, position).path("recovered").asBoolean());
            assertEquals("2", other.next("e").data());
            publish(server, Kind.PRIVATE, "3");
            assertEquals("3", other.next("e").data());
            again.assertNothingMore();
        }
    }
}
