package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code pusher:signin}, and what a signed-in user may: its own channel, presence without data. */
@WireTest
class UserSignInTest {

    private static final Credentials APP = TestServer.APP;

    private static String user(String id) {
        return "{\"id\":\"" + id + "\",\"user_info\":{\"name\":\"n" + id + "\"}}";
    }

    private static WireClient ask(WireClient client, String auth, String userData) {
        return client.send("{\"event\":\"pusher:signin\",\"data\":{\"auth\":" + Json.quote(auth) + ",\"user_data\":"
                + Json.quote(userData) + "}}");
    }

    private static Received signIn(WireClient client, String userData) {
        return ask(client, APP.userAuth(client.socketId(), userData), userData).next("pusher:signin_success");
    }

    private static WireClient signedIn(TestServer server, String id) {
        WireClient client = server.connect();
        signIn(client, user(id));
        return client;
    }

    private static List<String> ids(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asString).sorted().toList();
    }

    @Test
    void theUserDataIsConfirmed(TestServer server) {
        Received reply = signIn(server.connect(), user("7"));
        assertEquals(user("7"), reply.dataJson().path("user_data").asString(), reply.text());
    }

    @Test
    void aWrongSignatureIs4009AndSignsNobodyIn(TestServer server) {
        for (String wrong : new String[]{"app-key:00", "", "other-key:00"}) {
            WireClient client = server.connect();
            ask(client, wrong, user("7")).next("pusher:error").assertError(4009);
            server.api().publish("secret", "1", "#server-to-user-7");
            client.send("{\"event\":\"pusher:ping\"}");
            assertTrue(client.closesOrAnswers() || client.next().event().equals("pusher:pong"));
        }
    }

    @Test
    void theSignatureIsOfThisConnectionAndThisData(TestServer server) {
        WireClient client = server.connect();
        ask(client, APP.userAuth("1.1", user("7")), user("7")).next("pusher:error").assertError(4009);
        WireClient second = server.connect();
        ask(second, APP.userAuth(second.socketId(), user("8")), user("7")).next("pusher:error").assertError(4009);
        WireClient third = server.connect();
        ask(third, APP.auth(third.socketId(), "user", user("7")), user("7")).next("pusher:error").assertError(4009);
    }

    @ParameterizedTest
    @ValueSource(strings = {"no json", "[]", "{}", "{\"id\":null}", "{\"id\":\"\"}", "{\"id\":{}}"})
    void dataThatNamesNobodyIsAnError(String data, TestServer server) {
        WireClient client = server.connect();
        ask(client, APP.userAuth(client.socketId(), data), data).next("pusher:error");
    }

    @Test
    void theUserOfAConnectionNeverChanges(TestServer server) {
        WireClient client = signedIn(server, "7");
        ask(client, APP.userAuth(client.socketId(), user("8")), user("8"));
        Received reply = client.next();
        assertTrue(!reply.event().equals("pusher:signin_success")
                || reply.dataJson().path("user_data").asString().equals(user("7")), reply.text());
        if (client.isOpen()) {
            server.api().publish("wrong", "1", "#server-to-user-8");
            client.assertNothingMore();
        }
    }

    @Test
    void whatIsSentToAUserReachesAllItsConnectionsAndNoOther(TestServer server) {
        WireClient one = signedIn(server, "7");
        WireClient two = signedIn(server, "7");
        WireClient other = signedIn(server, "8");
        WireClient stranger = server.connect();
        for (WireClient client : List.of(one, two)) {
            client.askFor("#server-to-user-7", "", null).next("pusher_internal:subscription_succeeded");
        }
        other.askFor("#server-to-user-7", "", null).next("pusher:error").assertError(4009);
        stranger.askFor("#server-to-user-7", "", null).next("pusher:error").assertError(4009);
        server.api().publish("hello", "{\"a\":1}", "#server-to-user-7");
        for (WireClient client : List.of(one, two)) {
            Received got = client.next("hello");
            assertEquals("#server-to-user-7", got.channel());
            assertEquals("{\"a\":1}", got.data());
            client.assertNothingMore();
        }
        other.assertNothingMore();
        stranger.assertNothingMore();
    }

    @Test
    void aSignedInUserJoinsPresenceWithoutChannelData(TestServer server) {
        WireClient watcher = server.connect();
        watcher.subscribePresence("presence-a", "{\"user_id\":\"w\"}");
        WireClient client = signedIn(server, "7");
        client.askFor("presence-a", APP.auth(client.socketId(), "presence-a"), null);
        Received joined = client.next("pusher_internal:subscription_succeeded");
        assertEquals(List.of("7", "w"), ids(joined.dataJson().path("presence").path("ids")), joined.text());
        assertEquals("7", watcher.next("pusher_internal:member_added").dataJson().path("user_id").asString());
        client.unsubscribe("presence-a").assertNothingMore();
        watcher.next("pusher_internal:member_removed");
    }

    @Test
    void connectionsOfAUserAreTerminatedWith4009(TestServer server) {
        WireClient one = signedIn(server, "7");
        WireClient two = signedIn(server, "7");
        WireClient other = signedIn(server, "8");
        assertEquals(200, server.api().post("/users/7/terminate_connections", "{}").status());
        one.awaitClose(4009);
        two.awaitClose(4009);
        other.assertNothingMore();
    }

    @Test
    void signingInCanBeSwitchedOff(TestServer server) {
        server.app("user_authentication: false");
        WireClient client = server.connect();
        ask(client, APP.userAuth(client.socketId(), user("7")), user("7")).next("pusher:error");
    }
}
