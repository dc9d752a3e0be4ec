package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.WireClient;
import org.junit.jupiter.api.Test;

/** {@code auth = key:hex(HMAC-SHA256(secret, socket_id:channel[:channel_data]))}. */
@WireTest
class SubscriptionAuthTest {

    private static final Credentials APP = TestServer.APP;
    private static final Credentials OTHER = new Credentials("other", "other-key", "other-secret");
    private static final String MEMBER = "{\"user_id\":\"1\"}";

    private static void assertRefused(WireClient client) {
        client.next("pusher:error").assertError(4009, "Connection is unauthorized");
        client.assertNothingMore();
    }

    @Test
    void theRightAuthIsTaken(TestServer server) {
        WireClient client = server.connect();
        assertEquals("{}", client.subscribePrivate("private-a").data());
        client.subscribePresence("presence-a", MEMBER);
    }

    @Test
    void aWrongHashIsRefusedAndTheConnectionStays(TestServer server) {
        WireClient client = server.connect();
        String right = APP.auth(client.socketId(), "private-a");
        String last = right.endsWith("0") ? "1" : "0";
        assertRefused(client.askFor("private-a", right.substring(0, right.length() - 1) + last, null));
        assertRefused(client.askFor("private-a", right.substring(0, right.length() - 1), null));
        assertRefused(client.askFor("private-a", right + "0", null));
        assertRefused(client.askFor("private-a", "app-key:", null));
        assertRefused(client.askFor("private-a", "app-key:" + "z".repeat(64), null));
        assertEquals("{\"channels\":{}}", server.api().get("/channels").body());
        client.subscribePrivate("private-a");
    }

    @Test
    void anotherKeyPartIsRefusedThoughTheHashIsRight(TestServer server) {
        server.app(OTHER);
        WireClient client = server.connect();
        String hash = APP.auth(client.socketId(), "private-a").substring("app-key:".length());
        assertRefused(client.askFor("private-a", "other-key:" + hash, null));
        assertRefused(client.askFor("private-a", "app-kez:" + hash, null));
        assertRefused(client.askFor("private-a", "APP-KEY:" + hash, null));
        assertRefused(client.askFor("private-a", ":" + hash, null));
        assertRefused(client.askFor("private-a", hash, null));
        assertRefused(client.askFor("private-a", "app-key" + hash, null));
    }

    @Test
    void missingAndEmptyAuthIsRefused(TestServer server) {
        WireClient client = server.connect();
        assertRefused(client.askFor("private-a"));
        assertRefused(client.askFor("private-a", "", null));
        assertRefused(client.askFor("private-a", ":", null));
        assertRefused(client.askFor("presence-a", "", MEMBER));
    }

    @Test
    void authOfAnotherConnectionChannelOrSecretIsRefused(TestServer server) {
        server.app(OTHER);
        WireClient client = server.connect();
        WireClient another = server.connect();
        assertRefused(client.askFor("private-a", APP.auth(another.socketId(), "private-a"), null));
        assertRefused(client.askFor("private-a", APP.auth(client.socketId(), "private-b"), null));
        assertRefused(client.askFor("private-a",
                new Credentials("app", "app-key", "other-secret").auth(client.socketId(), "private-a"), null));
        assertRefused(client.askFor("private-a", OTHER.auth(client.socketId(), "private-a"), null));
    }

    @Test
    void theMembersDataIsSigned(TestServer server) {
        WireClient client = server.connect();
        assertRefused(client.askFor("presence-a", APP.auth(client.socketId(), "presence-a"), MEMBER));
        assertRefused(
                client.askFor("presence-a", APP.auth(client.socketId(), "presence-a", MEMBER), "{\"user_id\":\"2\"}"));
        assertRefused(
                client.askFor("presence-a", APP.auth(client.socketId(), "presence-a", MEMBER), "{\"user_id\": \"1\"}"));
        assertRefused(client.askFor("presence-a", APP.auth(client.socketId(), "presence-a", MEMBER), null));
        client.subscribePresence("presence-a", MEMBER);
    }

    @Test
    void dataOfAPrivateChannelIsSignedToo(TestServer server) {
        WireClient client = server.connect();
        client.askFor("private-a", APP.auth(client.socketId(), "private-a", MEMBER), MEMBER);
        client.next("pusher_internal:subscription_succeeded");
    }

    @Test
    void aPublicChannelNeedsNoneAndIgnoresIt(TestServer server) {
        WireClient client = server.connect();
        client.askFor("news", "nonsense", null).next("pusher_internal:subscription_succeeded");
    }

    @Test
    void authThatIsNoStringIsRefused(TestServer server) {
        WireClient client = server.connect();
        for (String auth : new String[]{"null", "7", "[]", "{}", "true"}) {
            client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-a\",\"auth\":" + auth + "}}");
            client.next("pusher:error");
            client.assertNothingMore();
        }
    }

    @Test
    void aRefusedSubscriptionReceivesNothing(TestServer server) {
        WireClient client = server.connect();
        assertRefused(client.askFor("private-a", "app-key:00", null));
        server.api().publish("secret", "1", "private-a");
        client.assertNothingMore();
    }

    @Test
    void aUserChannelIsClosedToWhoeverIsNotSignedIn(TestServer server) {
        WireClient client = server.connect();
        String channel = "#server-to-user-7";
        client.askFor(channel).next("pusher:error");
        client.askFor(channel, "", null).next("pusher:error");
        client.askFor(channel, APP.auth(client.socketId(), channel), null).next("pusher:error");
        client.assertNothingMore();
        HttpReply reply = server.api().post("/events", ApiClient.event("hello", "1", channel));
        assertEquals(200, reply.status(), reply.toString());
        client.assertNothingMore();
    }
}
