package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.Frame;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.WireClient;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What the API answers of connections, channels and users. */
@WireTest
class ChannelsApiTest {

    private static List<String> names(HttpReply reply) {
        assertEquals(200, reply.status(), reply.toString());
        return reply.json().path("channels").propertyNames().stream().sorted().toList();
    }

    private static WireClient member(TestServer server, String channel, String user) {
        WireClient client = server.connect();
        client.subscribePresence(channel, "{\"user_id\":\"" + user + "\"}");
        return client;
    }

    @Test
    void connectionsAreCounted(TestServer server) {
        assertEquals(Json.parse("{\"connections\":0}"), server.api().get("/connections").json());
        WireClient one = server.connect();
        one.subscribe("a");
        one.subscribe("b");
        server.connect().subscribe("a");
        assertEquals(Json.parse("{\"connections\":2}"), server.api().get("/connections").json());
        one.send(Frame.close(1000, "")).awaitClose(1000);
        Await.until("one to be gone", () -> server.api().get("/connections").json().path("connections").asInt() == 1);
    }

    @Test
    void connectionsOfAnotherApplicationAreNotCounted(TestServer server) {
        Credentials other = new Credentials("other", "other-key", "other-secret");
        server.app(other);
        server.connect(other);
        assertEquals(0, server.api().get("/connections").json().path("connections").asInt());
        assertEquals(1, server.api(other).get("/connections").json().path("connections").asInt());
    }

    @Test
    void noChannelsAreAnEmptyObject(TestServer server) {
        assertEquals("{\"channels\":{}}", server.api().get("/channels").body());
    }

    @Test
    void occupiedChannelsAreListed(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("a");
        client.subscribe("0");
        client.subscribePrivate("private-b");
        member(server, "presence-c", "1");
        assertEquals(Json.parse("{\"channels\":{\"a\":{},\"0\":{},\"private-b\":{},\"presence-c\":{}}}"),
                server.api().get("/channels").json());
        client.unsubscribe("a").assertNothingMore();
        assertEquals(List.of("0", "presence-c", "private-b"), names(server.api().get("/channels")));
    }

    @Test
    void aPrefixFiltersTheList(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("pre");
        client.subscribe("prefix-a");
        client.subscribe("other");
        client.subscribePrivate("private-a");
        assertEquals(List.of("prefix-a"), names(server.api().get("/channels", "filter_by_prefix", "prefix-")));
        assertEquals(List.of("pre", "prefix-a"), names(server.api().get("/channels", "filter_by_prefix", "pre")));
        assertEquals(List.of("private-a"), names(server.api().get("/channels", "filter_by_prefix", "private-")));
        assertEquals(List.of(), names(server.api().get("/channels", "filter_by_prefix", "none")));
        assertEquals(4, names(server.api().get("/channels", "filter_by_prefix", "")).size());
    }

    @Test
    void infoIsToldWhereItApplies(TestServer server) {
        server.connect().subscribe("a");
        server.connect().subscribe("a");
        member(server, "presence-b", "1");
        member(server, "presence-b", "1");
        member(server, "presence-b", "2");
        assertEquals(Json.parse("{\"channels\":{\"a\":{\"subscription_count\":2},\"presence-b\":{\"user_count\":2}}}"),
                server.api().get("/channels", "info", "user_count,subscription_count").json());
        assertEquals(Json.parse("{\"channels\":{\"a\":{},\"presence-b\":{\"user_count\":2}}}"),
                server.api().get("/channels", "info", "user_count").json());
        assertEquals(Json.parse("{\"channels\":{\"presence-b\":{\"user_count\":2}}}"),
                server.api().get("/channels", "info", "user_count", "filter_by_prefix", "presence-").json());
        assertEquals(Json.parse("{\"channels\":{\"a\":{\"subscription_count\":2},\"presence-b\":{}}}"),
                server.api().get("/channels", "info", "subscription_count").json());
        assertEquals(Json.parse("{\"channels\":{\"a\":{},\"presence-b\":{}}}"),
                server.api().get("/channels", "info", "nonsense").json());
    }

    @ParameterizedTest
    @ValueSource(strings = {"private-", "news", "prez", "presencex", "cache-"})
    void userCountWithAPrefixThatShutsPresenceOutIs400(String prefix, TestServer server) {
        HttpReply reply = server.api().get("/channels", "info", "user_count", "filter_by_prefix", prefix);
        assertEquals(400, reply.status(), reply.toString());
        assertFalse(reply.body().isBlank());
        assertEquals(200,
                server.api().get("/channels", "info", "subscription_count", "filter_by_prefix", prefix).status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "p", "pre", "presence-", "presence-cache-", "presence-x"})
    void userCountWithAPrefixThatPresenceCanHaveIsTaken(String prefix, TestServer server) {
        assertEquals(200, server.api().get("/channels", "info", "user_count", "filter_by_prefix", prefix).status());
    }

    @Test
    void oneChannelIsOccupiedOrNot(TestServer server) {
        server.connect().subscribe("a");
        assertEquals(Json.parse("{\"occupied\":true}"), server.api().get("/channels/a").json());
        assertEquals(Json.parse("{\"occupied\":false}"), server.api().get("/channels/b").json());
    }

    @Test
    void oneChannelTellsItsInfoWhereItApplies(TestServer server) {
        server.connect().subscribe("a");
        server.connect().subscribe("a");
        member(server, "presence-b", "1");
        member(server, "presence-b", "1");
        String all = "user_count,subscription_count,cache";
        assertEquals(Json.parse("{\"occupied\":true,\"subscription_count\":2}"),
                server.api().get("/channels/a", "info", all).json());
        assertEquals(Json.parse("{\"occupied\":true,\"user_count\":1}"),
                server.api().get("/channels/presence-b", "info", all).json());
        assertEquals(200, server.api().get("/channels/a", "info", "user_count").status());
    }

    @Test
    void usersOfAPresenceChannelAreListedOnce(TestServer server) {
        member(server, "presence-a", "1");
        member(server, "presence-a", "1");
        member(server, "presence-a", "0");
        HttpReply reply = server.api().get("/channels/presence-a/users");
        assertEquals(200, reply.status());
        JsonNode users = reply.json().path("users");
        assertEquals(List.of("0", "1"),
                StreamSupport.stream(users.spliterator(), false)
                        .map(user -> user.path("id").stringValue())
                        .sorted()
                        .toList(),
                reply.body());
    }

    @Test
    void idsOfUsersKeepTheTypeThatTheyWereSignedWith(TestServer server) {
        server.connect().subscribePresence("presence-a", "{\"user_id\":7}");
        assertEquals(Json.parse("{\"users\":[{\"id\":7}]}"), server.api().get("/channels/presence-a/users").json());
    }

    @ParameterizedTest
    @ValueSource(strings = {"news", "private-a", "cache-a", "presence"})
    void usersOfAnotherChannelAre400(String channel, TestServer server) {
        server.connect().subscribePrivate(channel);
        HttpReply reply = server.api().get("/channels/" + channel + "/users");
        assertEquals(400, reply.status(), reply.toString());
        assertFalse(reply.body().isBlank());
    }

    @Test
    void usersOfAnUnoccupiedPresenceChannelAre404(TestServer server) {
        assertEquals(404, server.api().get("/channels/presence-a/users").status());
        WireClient client = member(server, "presence-a", "1");
        client.unsubscribe("presence-a").assertNothingMore();
        assertEquals(404, server.api().get("/channels/presence-a/users").status());
    }

    @Test
    void aChannelOfAnotherApplicationIsNotToldOf(TestServer server) {
        Credentials other = new Credentials("other", "other-key", "other-secret");
        server.app(other);
        server.connect(other).subscribe("a");
        assertEquals("{\"channels\":{}}", server.api().get("/channels").body());
        assertEquals(Json.parse("{\"occupied\":false}"), server.api().get("/channels/a").json());
    }

    @Test
    void aNameInThePathMayBeEncoded(TestServer server) {
        server.connect().subscribe("a=b,c;d@e");
        ApiClient api = server.api();
        assertEquals(Json.parse("{\"occupied\":true}"), api.get("/channels/a=b,c;d@e").json());
        // SDKs sign the path as they send it
        assertEquals(Json.parse("{\"occupied\":true}"), api.get("/channels/a%3Db%2Cc%3Bd%40e").json());
    }
}
