package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kinds of channels by prefix, their names, joining and leaving. */
@WireTest
class ChannelTest {

    private static final String ALL_ALLOWED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-=@,.;";

    @ParameterizedTest
    @ValueSource(strings = {"news", "0", "privateer", "private", "presence", "presences-x", "cache", "cached-x",
            "Private-x", "-", "a.b", "encrypted-x", "xprivate-x", ALL_ALLOWED})
    void aNameWithoutAPrefixIsAPublicChannel(String channel, TestServer server) {
        WireClient client = server.connect();
        Received reply = client.subscribe(channel);
        assertEquals("{}", reply.data());
        assertEquals(channel, reply.json().path("channel").stringValue());
        assertEquals(3, reply.json().size(), reply.text());
        server.api().publish("x", "1", channel);
        Received event = client.next("x");
        assertEquals(channel, event.json().path("channel").stringValue());
    }

    @ParameterizedTest
    @ValueSource(strings = {"private-x", "private-", "private-cache-x", "private-encrypted-x",
            "private-encrypted-cache-x", "presence-x", "presence-cache-x"})
    void aPrefixedChannelNeedsAuth(String channel, TestServer server) {
        WireClient client = server.connect();
        client.askFor(channel).next("pusher:error").assertError(4009, "Connection is unauthorized");
        client.assertNothingMore();
        server.api().publish("x", "1", channel);
        client.assertNothingMore();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cache-x", "private-cache-x", "private-encrypted-cache-x", "presence-cache-x"})
    void theCacheKindsTellAMiss(String channel, TestServer server) {
        WireClient client = server.connect();
        if (channel.startsWith("presence")) {
            client.subscribePresence(channel, "{\"user_id\":\"1\"}");
        } else {
            client.subscribePrivate(channel);
        }
        assertEquals(Json.parse("{\"event\":\"pusher:cache_miss\",\"channel\":\"" + channel + "\"}"),
                client.next().json());
    }

    @ParameterizedTest
    @ValueSource(strings = {"news", "private-x", "private-encrypted-x", "privateer-cache-x", "cache", "private-cache",
            "encrypted-cache-x"})
    void theOthersTellNone(String channel, TestServer server) {
        WireClient client = server.connect();
        client.subscribePrivate(channel);
        client.assertNothingMore();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a/b", "a:b", "a#b", "#a", "é", "a\n", "a\u0000", "a\"", "a*", "😀", "a+b", "a%20b",
            "private-a b"})
    void aNameWithOtherCharactersIsRefused(String channel, TestServer server) {
        WireClient client = server.connect();
        client.askFor(channel, TestServer.APP.auth(client.socketId(), channel), null);
        Received error = client.next("pusher:error");
        assertTrue(error.dataJson().path("code").isInt(), error.text());
        client.assertNothingMore();
        assertEquals("{\"channels\":{}}", server.api().get("/channels").body());
        assertEquals(422, server.api().post("/events", ApiClient.event("x", "1", channel)).status());
    }

    @Test
    void aNameMayHave164Characters(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("a".repeat(164));
        client.askFor("a".repeat(165)).next("pusher:error");
        client.askFor("").next("pusher:error");
        client.assertNothingMore();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a/b", "é 😀", "a:b", "a\"b\\c"})
    void anyNameIsTakenWhereTheApplicationSaysSo(String channel, TestServer server) {
        server.app("channel_names: any");
        WireClient client = server.connect();
        client.subscribe(channel);
        server.api().publish("x", "1", channel);
        assertEquals(channel, client.next("x").channel());
        assertEquals("[" + Json.quote(channel) + "]",
                server.api()
                        .get("/channels")
                        .json()
                        .path("channels")
                        .propertyNames()
                        .stream()
                        .map(Json::quote)
                        .toList()
                        .toString());
    }

    @Test
    void namesDifferByCase(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("News");
        server.api().publish("lower", "1", "news");
        server.api().publish("upper", "1", "News");
        client.next("upper");
    }

    @Test
    void onlySubscribersReceive(TestServer server) {
        WireClient subscriber = server.connect();
        WireClient elsewhere = server.connect();
        WireClient nowhere = server.connect();
        subscriber.subscribe("news");
        elsewhere.subscribe("sport");
        server.api().publish("x", "1", "news");
        subscriber.next("x");
        elsewhere.assertNothingMore();
        nowhere.assertNothingMore();
    }

    @Test
    void applicationsShareNoChannel(TestServer server) {
        Credentials other = new Credentials("other", "other-key", "other-secret");
        server.app(other);
        WireClient here = server.connect();
        WireClient there = server.connect(other);
        here.subscribe("news");
        there.subscribe("news");
        server.api(other).publish("there", "1", "news");
        there.next("there");
        server.api().publish("here", "1", "news");
        here.next("here");
        there.assertNothingMore();
    }

    @Test
    void eventsOfAChannelArriveInTheirOrder(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        try (HttpSocket back = server.api().open()) {
            for (int i = 0; i < 300; i++) {
                back.write(server.api()
                        .request("POST", "/events")
                        .body(ApiClient.event("e" + i, Integer.toString(i), "news"))
                        .bytes());
            }
            for (int i = 0; i < 300; i++) {
                assertEquals(200, back.read().status());
                assertEquals("e" + i, client.next().event());
            }
        }
    }

    @Test
    void whoUnsubscribesReceivesNoMore(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        client.subscribe("sport");
        client.unsubscribe("news").assertNothingMore();
        server.api().publish("gone", "1", "news");
        server.api().publish("here", "1", "sport");
        client.next("here");
        assertFalse(server.api().get("/channels").body().contains("news"));
    }

    @Test
    void unsubscribingFromWhatWasNeverJoinedHurtsNobody(TestServer server) {
        WireClient client = server.connect();
        client.unsubscribe("nothing");
        client.unsubscribe("presence-nothing");
        client.send("{\"event\":\"pusher:ping\"}").skipTo("pusher:pong");
        assertTrue(client.isOpen());
    }

    @Test
    void channelsOfOneConnectionAreLimited(TestServer server) {
        server.env("REVERB_MAX_SUBSCRIPTIONS", "2");
        WireClient client = server.connect();
        client.subscribe("a");
        client.subscribe("b");
        client.subscribe("b");
        Received refused = client.askFor("c").next("pusher:error");
        refused.assertError(4100);
        assertTrue(refused.text().contains("at most 2 (limits.max_subscriptions)"), refused.text());
        server.api().publish("x", "1", "c");
        client.assertNothingMore();
        client.unsubscribe("a");
        client.subscribe("c");
        server.connect().subscribe("a");
    }

    @Test
    void aSubscriptionMadeTwiceIsOne(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        client.subscribe("news");
        server.api().publish("once", "1", "news");
        client.next("once");
        client.assertNothingMore();
        assertEquals(1,
                server.api()
                        .get("/channels/news", "info", "subscription_count")
                        .json()
                        .path("subscription_count")
                        .asInt());
        client.unsubscribe("news").assertNothingMore();
        server.api().publish("twice", "1", "news");
        client.assertNothingMore();
    }

    @Test
    void aChannelCanBeJoinedAgain(TestServer server) {
        WireClient client = server.connect();
        for (int i = 0; i < 3; i++) {
            client.subscribe("news");
            server.api().publish("x", "1", "news");
            client.next("x");
            client.unsubscribe("news").assertNothingMore();
        }
    }

    @Test
    void encryptedPayloadsAreRelayedAsTheyAre(TestServer server) {
        String payload = "{\"nonce\":\"dGhpcyBpcyBub25jZSBvZiAyNCBieXRlcw==\",\"ciphertext\":\"/+AA==\"}";
        WireClient client = server.connect();
        client.subscribePrivate("private-encrypted-room");
        server.api().publish("secret", payload, "private-encrypted-room");
        assertEquals(payload, client.next("secret").data());
    }
}
