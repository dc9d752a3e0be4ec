package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Events from clients to the other subscribers of a channel. */
@WireTest
class ClientEventTest {

    private static final String NOT_A_MEMBER = "The client is not a member of the specified channel.";
    private static final String DISABLED = "The app does not have client messaging enabled.";

    @ParameterizedTest
    @ValueSource(strings = {"news", "private-a", "private-encrypted-a", "cache-a", "private-cache-a", "presence-a",
            "presence-cache-a"})
    void theOthersReceiveItAndTheSenderDoesNot(String channel, TestServer server) {
        WireClient sender = join(server, channel, "1");
        WireClient receiver = join(server, channel, "2");
        WireClient elsewhere = server.connect();
        elsewhere.subscribe("elsewhere");
        sender.send("{\"event\":\"client-typing\",\"channel\":\"" + channel + "\",\"data\":{\"on\":true}}");
        Received got = receiver.skipTo("client-typing");
        assertEquals(channel, got.channel());
        assertEquals(Json.parse("{\"on\":true}"), got.json().path("data"));
        sender.send("{\"event\":\"pusher:ping\"}");
        for (Received one = sender.next(); !one.event().equals("pusher:pong"); one = sender.next()) {
            assertFalse(one.event().startsWith("client-"), one.text());
        }
        elsewhere.assertNothingMore();
    }

    private static WireClient join(TestServer server, String channel, String user) {
        WireClient client = server.connect();
        if (channel.startsWith("presence-")) {
            client.subscribePresence(channel, "{\"user_id\":\"" + user + "\"}");
        } else {
            client.subscribePrivate(channel);
        }
        return client;
    }

    @Test
    void inAPresenceChannelTheSendersUserIdIsAdded(TestServer server) {
        WireClient sender = join(server, "presence-a", "ann");
        WireClient receiver = join(server, "presence-a", "bob");
        sender.sendEvent("client-x", "presence-a", "{}");
        Received got = receiver.next("client-x");
        assertEquals("ann", got.json().path("user_id").asString());
        assertEquals(4, got.json().size(), got.text());
    }

    @Test
    void aUserIdAndOtherKeysFromTheClientAreNotRelayed(TestServer server) {
        server.app("accept_client_events_from: all");
        for (String channel : new String[]{"news", "private-a", "presence-a"}) {
            WireClient sender = join(server, channel, "ann");
            WireClient receiver = join(server, channel, "bob");
            sender.send("{\"user_id\":\"root\",\"event\":\"client-x\",\"extra\":{\"a\":1},\"channel\":\"" + channel
                    + "\",\"socket_id\":\"1.1\",\"data\":1,\"user_id\":\"root\"}");
            JsonNode got = receiver.next("client-x").json();
            boolean presence = channel.startsWith("presence-");
            assertEquals(presence ? 4 : 3, got.size(), got.toString());
            assertEquals(presence ? "ann" : "", got.path("user_id").asString(), got.toString());
        }
    }

    @Test
    void aUserIdAsANumberIsAddedToo(TestServer server) {
        WireClient sender = server.connect();
        sender.subscribePresence("presence-a", "{\"user_id\":0}");
        WireClient receiver = join(server, "presence-a", "bob");
        sender.sendEvent("client-x", "presence-a", "{}");
        assertEquals("0", receiver.next("client-x").json().path("user_id").asString());
    }

    @Test
    void aGuestOfAPresenceChannelHasNoUserId(TestServer server) {
        WireClient guest = server.connect();
        guest.askFor("presence-a", TestServer.APP.auth(guest.socketId(), "presence-a"), null)
                .next("pusher_internal:subscription_succeeded");
        WireClient receiver = join(server, "presence-a", "bob");
        guest.next("pusher_internal:member_added");
        guest.sendEvent("client-x", "presence-a", "{}");
        assertFalse(receiver.next("client-x").json().has("user_id"));
    }

    @Test
    void byDefaultOnlySubscribersMaySend(TestServer server) {
        WireClient receiver = server.connect();
        receiver.subscribe("news");
        WireClient sender = server.connect();
        sender.sendEvent("client-x", "news", "{}").next("pusher:error").assertError(4009, NOT_A_MEMBER);
        sender.subscribe("news");
        sender.unsubscribe("news");
        sender.sendEvent("client-x", "news", "{}").next("pusher:error").assertError(4009, NOT_A_MEMBER);
        sender.sendEvent("client-x", "private-a", "{}").next("pusher:error").assertError(4009, NOT_A_MEMBER);
        sender.assertNothingMore();
        receiver.assertNothingMore();
    }

    @Test
    void allAdmitsNonMembersOnPublicChannelsOnly(TestServer server) {
        server.app("accept_client_events_from: all");
        WireClient sender = server.connect();
        for (String channel : new String[]{"news", "cache-a"}) {
            WireClient receiver = join(server, channel, "1");
            sender.sendEvent("client-x", channel, "{\"a\":1}");
            assertEquals(Json.parse("{\"a\":1}"), receiver.skipTo("client-x").json().path("data"));
        }
        for (String channel : new String[]{"private-a", "presence-a", "private-encrypted-a", "private-cache-a",
                "presence-cache-a"}) {
            WireClient receiver = join(server, channel, "1");
            sender.sendEvent("client-x", channel, "{}").next("pusher:error").assertError(4009, NOT_A_MEMBER);
            receiver.send("{\"event\":\"pusher:ping\"}").skipTo("pusher:pong");
            assertFalse(receiver.count() > 4, "only established, subscribed, miss and pong");
        }
        sender.assertNothingMore();
    }

    @Test
    void noneAnswers4301ToMembersToo(TestServer server) {
        server.app("accept_client_events_from: none");
        WireClient receiver = join(server, "private-a", "1");
        WireClient sender = join(server, "private-a", "2");
        sender.sendEvent("client-x", "private-a", "{}").next("pusher:error").assertError(4301, DISABLED);
        sender.sendEvent("client-x", "nowhere", "{}").next("pusher:error").assertError(4301, DISABLED);
        sender.assertNothingMore();
        receiver.assertNothingMore();
    }

    @ParameterizedTest
    @ValueSource(strings = {"typing", "Client-x", "client", "clientx", "pusher:x", "pusher_internal:member_added",
            "pusher:error", "pusher_internal:subscription_succeeded", "xclient-"})
    void onlyNamesThatStartWithClientAreRelayed(String name, TestServer server) {
        WireClient receiver = join(server, "private-a", "1");
        WireClient sender = join(server, "private-a", "2");
        sender.sendEvent(name, "private-a", "{}");
        sender.send("{\"event\":\"pusher:ping\"}").skipTo("pusher:pong");
        sender.sendEvent("client-mark", "private-a", "{}");
        receiver.next("client-mark");
    }

    @Test
    void aClientEventWithoutDataIsRelayed(TestServer server) {
        WireClient receiver = join(server, "private-a", "1");
        WireClient sender = join(server, "private-a", "2");
        sender.send("{\"event\":\"client-x\",\"channel\":\"private-a\"}");
        JsonNode got = receiver.next("client-x").json();
        assertEquals("private-a", got.path("channel").asString());
        sender.assertNothingMore();
    }

    @Test
    void anotherConnectionOfTheSameUserReceives(TestServer server) {
        WireClient sender = join(server, "presence-a", "ann");
        WireClient second = join(server, "presence-a", "ann");
        sender.sendEvent("client-x", "presence-a", "{}");
        second.next("client-x");
    }

    @Test
    void theApiMayNotPretendToBeTheServer(TestServer server) {
        WireClient receiver = join(server, "private-a", "1");
        int status = server.api().post("/events", ApiClient.event("pusher:error", "{}", "private-a")).status();
        if (status == 200) {
            // hosted Pusher lets it through as well: then it is an event as any other
            receiver.next("pusher:error");
        } else {
            assertEquals(422, status);
        }
        receiver.assertNothingMore();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "caf\u00e9", "x\\ud800", "x\\n"})
    void whoIsNoMemberSendsToNoChannelThatNobodyCanBeIn(String channel, TestServer server) {
        server.app("accept_client_events_from: all");
        server.connect()
                .send("{\"event\":\"client-a\",\"channel\":\"" + channel + "\",\"data\":1}")
                .next("pusher:error")
                .assertError(4200);
    }

    @Test
    void aChannelOfAnyNameHasABoundForThoseWhoAreNoMembersToo(TestServer server) {
        server.app("accept_client_events_from: all", "channel_names: any", "max_message_size: 100000");
        server.connect()
                .send("{\"event\":\"client-a\",\"channel\":\"" + "x".repeat(1_001) + "\",\"data\":1}")
                .next("pusher:error")
                .assertError(4200);
    }
}
