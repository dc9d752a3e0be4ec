package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Frame;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Who is in a presence channel, and what the others receive of it. */
@WireTest
class PresenceTest {

    private static final String ROOM = "presence-room";

    private static String member(String id) {
        return "{\"user_id\":\"" + id + "\",\"user_info\":{\"name\":\"n" + id + "\"}}";
    }

    private static List<String> ids(Received succeeded) {
        JsonNode ids = succeeded.dataJson().path("presence").path("ids");
        assertTrue(ids.isArray(), succeeded.text());
        return StreamSupport.stream(ids.spliterator(), false).map(JsonNode::asString).sorted().toList();
    }

    private static void assertMembers(Received succeeded, String... expected) {
        JsonNode presence = succeeded.dataJson().path("presence");
        assertEquals(expected.length, presence.path("count").asInt(), succeeded.text());
        assertEquals(List.of(expected), ids(succeeded), succeeded.text());
        assertTrue(presence.path("hash").isObject(), succeeded.text());
        assertEquals(List.of(expected), presence.path("hash").propertyNames().stream().sorted().toList());
    }

    @Test
    void whoJoinsIsToldEveryMember(TestServer server) {
        Received first = server.connect().subscribePresence(ROOM, member("1"));
        assertMembers(first, "1");
        Received second = server.connect().subscribePresence(ROOM, member("2"));
        assertMembers(second, "1", "2");
        assertEquals(Json.parse("{\"name\":\"n1\"}"), second.dataJson().path("presence").path("hash").path("1"));
        assertEquals(1, second.dataJson().size(), second.text());
        assertEquals(3, second.dataJson().path("presence").size(), second.text());
    }

    @Test
    void theOthersAreToldOfAJoinAndALeave(TestServer server) {
        WireClient one = server.connect();
        one.subscribePresence(ROOM, member("1"));
        WireClient two = server.connect();
        two.subscribePresence(ROOM, member("2"));
        Received added = one.next("pusher_internal:member_added");
        assertEquals(ROOM, added.channel());
        assertEquals(Json.parse(member("2")), added.dataJson());
        two.unsubscribe(ROOM).assertNothingMore();
        Received removed = one.next("pusher_internal:member_removed");
        assertEquals(ROOM, removed.channel());
        assertEquals(Json.parse("{\"user_id\":\"2\"}"), removed.dataJson());
    }

    @Test
    void whoJoinsAndLeavesAgainAndAgainIsRefusedInWordsAndTheMembersReceiveNoMoreOfIt(TestServer server) {
        WireClient watcher = server.connect();
        watcher.subscribePresence(ROOM, member("w"));
        WireClient toggles = server.connect();
        String auth = TestServer.APP.auth(toggles.socketId(), ROOM, member("t"));
        long start = System.nanoTime();
        int joined = 0;
        Received answer = toggles.askFor(ROOM, auth, member("t")).next();
        while (answer.event().equals("pusher_internal:subscription_succeeded")) {
            joined++;
            answer = toggles.unsubscribe(ROOM).askFor(ROOM, auth, member("t")).next();
        }
        assertEquals("pusher:subscription_error", answer.event());
        assertEquals(ROOM, answer.channel());
        assertEquals(4301, answer.dataJson().path("status").asInt());
        assertTrue(answer.dataJson().path("error").asString().contains("250 times at once and 10 times a second"),
                answer::toString);
        double seconds = (System.nanoTime() - start) / 1e9;
        assertTrue(joined >= 250 && joined <= 251 + 10 * seconds, joined + " joins in " + seconds + " s");
        for (int i = 0; i < joined; i++) {
            watcher.next("pusher_internal:member_added");
            watcher.next("pusher_internal:member_removed");
        }
        watcher.assertNothingMore();
        toggles.subscribe("news"); // it is served on
    }

    @Test
    void aConnectionThatEndsLeaves(TestServer server) {
        WireClient one = server.connect();
        one.subscribePresence(ROOM, member("1"));
        WireClient closes = server.connect();
        closes.subscribePresence(ROOM, member("2"));
        WireClient dies = server.connect();
        dies.subscribePresence(ROOM, member("3"));
        one.next("pusher_internal:member_added");
        one.next("pusher_internal:member_added");
        closes.send(Frame.close(1000, "")).awaitClose(1000);
        assertEquals("2", one.next("pusher_internal:member_removed").dataJson().path("user_id").asString());
        dies.reset();
        assertEquals("3", one.next("pusher_internal:member_removed").dataJson().path("user_id").asString());
    }

    @Test
    void aUserWithSeveralConnectionsJoinsAndLeavesOnce(TestServer server) {
        WireClient watcher = server.connect();
        watcher.subscribePresence(ROOM, member("w"));
        WireClient first = server.connect();
        WireClient second = server.connect();
        first.subscribePresence(ROOM, member("1"));
        assertMembers(second.subscribePresence(ROOM, member("1")), "1", "w");
        assertMembers(server.connect().subscribePresence(ROOM, member("1")), "1", "w");
        first.send(Frame.close(1000, "")).awaitClose(1000);
        second.unsubscribe(ROOM).assertNothingMore();
        server.api().publish("mark", "1", ROOM);
        watcher.next("pusher_internal:member_added");
        watcher.next("mark");
    }

    @Test
    void theLastConnectionOfAUserLeavesForIt(TestServer server) {
        WireClient watcher = server.connect();
        watcher.subscribePresence(ROOM, member("w"));
        WireClient first = server.connect();
        WireClient second = server.connect();
        first.subscribePresence(ROOM, member("1"));
        second.subscribePresence(ROOM, member("1"));
        watcher.next("pusher_internal:member_added");
        first.unsubscribe(ROOM).assertNothingMore();
        watcher.assertNothingMore();
        second.unsubscribe(ROOM).assertNothingMore();
        watcher.next("pusher_internal:member_removed");
    }

    @Test
    void whoJoinsIsNotToldOfItself(TestServer server) {
        WireClient one = server.connect();
        one.subscribePresence(ROOM, member("1"));
        one.assertNothingMore();
        one.unsubscribe(ROOM).assertNothingMore();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "\"0\"", "7", "\"\\u0065\"", "\"a b/c\"", "12345678901234567890"})
    void anyIdIsAMember(String id, TestServer server) {
        WireClient watcher = server.connect();
        watcher.subscribePresence(ROOM, member("w"));
        String plain = Json.parse(id).asString();
        WireClient client = server.connect();
        Received joined = client.subscribePresence(ROOM, "{\"user_id\":" + id + ",\"user_info\":{\"a\":1}}");
        assertTrue(ids(joined).contains(plain), joined.text());
        assertEquals(Json.parse("{\"a\":1}"), joined.dataJson().path("presence").path("hash").path(plain));
        assertEquals(2, joined.dataJson().path("presence").path("count").asInt(), joined.text());
        Received added = watcher.next("pusher_internal:member_added");
        assertEquals(plain, added.dataJson().path("user_id").asString());
        client.unsubscribe(ROOM).assertNothingMore();
        assertEquals(plain, watcher.next("pusher_internal:member_removed").dataJson().path("user_id").asString());
    }

    @Test
    void theHashIsAnObjectEvenWithoutMembersOrInfo(TestServer server) {
        WireClient lone = server.connect();
        lone.askFor(ROOM, TestServer.APP.auth(lone.socketId(), ROOM), null);
        assertMembers(lone.next("pusher_internal:subscription_succeeded"));
        assertMembers(server.connect().subscribePresence(ROOM, "{\"user_id\":\"0\"}"), "0");
        assertMembers(server.connect().subscribePresence(ROOM, "{\"user_id\":\"1\"}"), "0", "1");
    }

    @Test
    void whoHasNoChannelDataReceivesButIsNoMember(TestServer server) {
        WireClient watcher = server.connect();
        watcher.subscribePresence(ROOM, member("w"));
        WireClient guest = server.connect();
        guest.askFor(ROOM, TestServer.APP.auth(guest.socketId(), ROOM), null);
        assertMembers(guest.next("pusher_internal:subscription_succeeded"), "w");
        server.api().publish("x", "1", ROOM);
        guest.next("x");
        watcher.next("x");
        guest.unsubscribe(ROOM).assertNothingMore();
        watcher.assertNothingMore();
        assertEquals("{\"users\":[{\"id\":\"w\"}]}", server.api().get("/channels/" + ROOM + "/users").body());
    }

    @Test
    void aGuestIsToldOfJoinsAndLeaves(TestServer server) {
        WireClient guest = server.connect();
        guest.askFor(ROOM, TestServer.APP.auth(guest.socketId(), ROOM), null);
        guest.next("pusher_internal:subscription_succeeded");
        WireClient member = server.connect();
        member.subscribePresence(ROOM, member("1"));
        guest.next("pusher_internal:member_added");
        member.unsubscribe(ROOM).assertNothingMore();
        guest.next("pusher_internal:member_removed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"not json", "[]", "{}", "null", "{\"user_id\":null}", "{\"user_id\":{}}",
            "{\"user_id\":\"1\"", "{\"user_info\":{}}", "{\"user_id\":[1]}"})
    void channelDataThatNamesNobodyIsAnError(String data, TestServer server) {
        WireClient client = server.connect();
        client.askFor(ROOM, TestServer.APP.auth(client.socketId(), ROOM, data), data);
        client.next("pusher:error");
        client.assertNothingMore();
        assertFalse(server.api().get("/channels").body().contains(ROOM));
    }

    @Test
    void theSameSubscriptionTwiceIsOneMember(TestServer server) {
        WireClient watcher = server.connect();
        watcher.subscribePresence(ROOM, member("w"));
        WireClient client = server.connect();
        client.subscribePresence(ROOM, member("1"));
        client.subscribePresence(ROOM, member("1"));
        watcher.next("pusher_internal:member_added");
        watcher.assertNothingMore();
        client.unsubscribe(ROOM).assertNothingMore();
        watcher.next("pusher_internal:member_removed");
        watcher.assertNothingMore();
    }

    @Test
    void aJoinIsToldToTheOthersBeforeTheJoinerThenTheCache(TestServer server) {
        String room = "presence-cache-room";
        server.api().publish("kept", "1", room);
        WireClient one = server.connect();
        Received own = one.subscribePresence(room, member("1"));
        assertMembers(own, "1");
        one.next("kept");
        WireClient two = server.connect();
        two.subscribePresence(room, member("2"));
        two.sendEvent("client-after", room, "{}");
        two.next("kept");
        one.next("pusher_internal:member_added");
        one.next("client-after");
        one.assertNothingMore();
    }

    @Test
    void aLimitOfMembersHoldsForUsersNotConnections(TestServer server) {
        server.app("max_presence_members: 2");
        server.connect().subscribePresence(ROOM, member("1"));
        server.connect().subscribePresence(ROOM, member("2"));
        server.connect().subscribePresence(ROOM, member("2"));
        WireClient third = server.connect();
        third.askFor(ROOM, TestServer.APP.auth(third.socketId(), ROOM, member("3")), member("3"));
        assertTrue(third.next().event().endsWith("error"));
        third.assertNothingMore();
        third.subscribePresence("presence-other", member("3"));
    }

    @Test
    void whoIsRefusedForTheLimitOfMembersIsToldWhyAndReceivesNothing(TestServer server) {
        server.app("max_presence_members: 1");
        WireClient first = server.connect();
        first.subscribePresence(ROOM, member("1"));
        WireClient second = server.connect();
        second.askFor(ROOM, TestServer.APP.auth(second.socketId(), ROOM, member("2")), member("2"));
        Received refused = second.next("pusher:subscription_error");
        assertEquals(ROOM, refused.channel());
        assertEquals(4004, refused.dataJson().path("status").asInt(), refused.text());
        server.api().publish("x", "1", ROOM);
        first.next("x");
        second.assertNothingMore();
        // a guest is no member, and takes no place
        WireClient guest = server.connect();
        guest.askFor(ROOM, TestServer.APP.auth(guest.socketId(), ROOM), null);
        assertMembers(guest.next("pusher_internal:subscription_succeeded"), "1");
    }

    @Test
    void aPlaceAmongTheMembersIsFreeAgainAfterALeave(TestServer server) {
        server.app("max_presence_members: 1");
        WireClient first = server.connect();
        first.subscribePresence(ROOM, member("1"));
        first.unsubscribe(ROOM).assertNothingMore();
        server.connect().subscribePresence(ROOM, member("2"));
    }

    @Test
    void theSizeOfAMemberIsLimited(TestServer server) {
        server.app("max_presence_member_size: 100");
        WireClient client = server.connect();
        String fits = "{\"user_id\":\"1\",\"user_info\":\"" + "x".repeat(100 - 30) + "\"}";
        assertEquals(100, fits.length());
        client.subscribePresence(ROOM, fits);
        String large = fits.replace("xx\"", "xxx\"");
        WireClient second = server.connect();
        second.askFor(ROOM, TestServer.APP.auth(second.socketId(), ROOM, large), large);
        second.next("pusher:error");
        second.assertNothingMore();
    }

    @Test
    void theLengthOfAUserIdIsLimited(TestServer server) {
        server.app("max_presence_user_id_length: 10");
        server.connect().subscribePresence(ROOM, "{\"user_id\":\"" + "u".repeat(10) + "\"}");
        String data = "{\"user_id\":\"" + "u".repeat(11) + "\"}";
        WireClient second = server.connect();
        second.askFor(ROOM, TestServer.APP.auth(second.socketId(), ROOM, data), data);
        second.next("pusher:error");
        second.assertNothingMore();
    }
}
