package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.WireClient;
import org.junit.jupiter.api.Test;

/** {@code POST /apps/{id}/users/{u}/terminate_connections}. */
@WireTest
class TerminateTest {

    private static WireClient member(TestServer server, String channel, String data) {
        WireClient client = server.connect();
        client.subscribePresence(channel, data);
        return client;
    }

    private static void terminate(TestServer server, String user) {
        HttpReply reply = server.api().post("/users/" + user + "/terminate_connections", "{}");
        assertEquals(200, reply.status(), reply.toString());
        assertEquals(Json.parse("{}"), reply.json());
    }

    @Test
    void everyConnectionOfTheMemberIsClosedWith4009(TestServer server) {
        WireClient one = member(server, "presence-a", "{\"user_id\":\"1\"}");
        WireClient two = member(server, "presence-b", "{\"user_id\":\"1\"}");
        WireClient other = member(server, "presence-a", "{\"user_id\":\"2\"}");
        WireClient guest = server.connect();
        guest.subscribe("news");
        terminate(server, "1");
        one.awaitClose(4009);
        two.awaitClose(4009);
        other.next("pusher_internal:member_removed");
        other.assertNothingMore();
        guest.assertNothingMore();
    }

    @Test
    void anIdThatIsANumberIsFoundToo(TestServer server) {
        WireClient zero = member(server, "presence-a", "{\"user_id\":0}");
        terminate(server, "0");
        zero.awaitClose(4009);
    }

    @Test
    void anIdMayBeEncodedInThePath(TestServer server) {
        WireClient client = member(server, "presence-a", "{\"user_id\":\"a b\"}");
        terminate(server, "a%20b");
        client.awaitClose(4009);
    }

    @Test
    void whoIsNotHereIsNoError(TestServer server) {
        terminate(server, "nobody");
    }

    @Test
    void noBodyIsNeeded(TestServer server) {
        WireClient one = member(server, "presence-a", "{\"user_id\":\"1\"}");
        HttpReply reply = server.api().send(server.api().request("POST", "/users/1/terminate_connections"));
        assertEquals(200, reply.status(), reply.toString());
        one.awaitClose(4009);
    }

    @Test
    void whoHasLeftTheChannelStays(TestServer server) {
        WireClient one = member(server, "presence-a", "{\"user_id\":\"1\"}");
        one.unsubscribe("presence-a").assertNothingMore();
        terminate(server, "1");
        one.assertNothingMore();
    }

    @Test
    void aUserOfAnotherApplicationStays(TestServer server) {
        Credentials other = new Credentials("other", "other-key", "other-secret");
        server.app(other);
        WireClient there = server.connect(other);
        there.subscribePresence("presence-a", "{\"user_id\":\"1\"}");
        terminate(server, "1");
        there.assertNothingMore();
    }
}
