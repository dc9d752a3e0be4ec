package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Frame;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In which forms a client's messages are taken, and what is said to the others. */
@WireTest
class MessageFormTest {

    private static Frame binary(String text) {
        return Frame.of(Frame.BINARY, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String subscribe(String fields) {
        return "{\"event\":\"pusher:subscribe\",\"data\":{" + fields + "}}";
    }

    @Test
    void aMessageInABinaryFrameIsServedAsOneInATextFrame(TestServer server) {
        WireClient client = server.connect();
        client.send(binary(subscribe("\"channel\":\"news\"")));
        client.next("pusher_internal:subscription_succeeded");
        client.send(binary("{\"event\":\"pusher:ping\"}"));
        client.next("pusher:pong");
    }

    @Test
    void aBinaryMessageThatIsNoJsonIsRefusedAndTheConnectionStays(TestServer server) {
        WireClient client = server.connect();
        client.send(Frame.of(Frame.BINARY, new byte[]{(byte) 0xff, 0, 1}));
        client.next("pusher:error").assertError(4200);
        client.assertNothingMore();
    }

    @Test
    void binaryMessagesCountForTheRateLimit(TestServer server) {
        server.app("rate_limiting:", "  enabled: true", "  max_attempts: 2", "  decay_seconds: 60");
        WireClient client = server.connect();
        for (int i = 0; i < 2; i++) {
            client.send(Frame.of(Frame.BINARY, new byte[]{(byte) 0xff}));
            client.next("pusher:error").assertError(4200);
        }
        client.send(Frame.of(Frame.BINARY, new byte[]{(byte) 0xff}));
        client.next("pusher:error").assertError(4301);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"channel\":\"private-a\",\"auth\":[\"x\"]", "\"channel\":\"private-a\",\"auth\":{}",
            "\"channel\":\"private-a\",\"auth\":7", "\"channel\":\"presence-a\",\"auth\":\"a:b\",\"channel_data\":[]",
            "\"channel\":\"presence-a\",\"auth\":\"a:b\",\"channel_data\":{\"user_id\":1}",
            "\"channel\":\"presence-a\",\"auth\":\"a:b\",\"channel_data\":\"{user_id\"",
            "\"channel\":\"presence-a\",\"auth\":\"a:b\",\"channel_data\":\"{\\\"user_id\\\":1} x\"",
            "\"channel\":[\"a\"]"})
    void whatHasAnotherFormIsAnInvalidMessageAndNotUnauthorized(String fields, TestServer server) {
        server.connect().send(subscribe(fields)).next("pusher:error").assertError(4200);
    }

    @Test
    void aWrongSignatureOfTheRightFormStaysUnauthorized(TestServer server) {
        server.connect()
                .send(subscribe("\"channel\":\"presence-a\",\"auth\":\"a:b\",\"channel_data\":\"{}\""))
                .next("pusher:error")
                .assertError(4009);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\ud83d", "a\\udc00", "\\udc00\\ud83d"})
    void aUserIdWithHalfASurrogatePairIsRefused(String id, TestServer server) {
        WireClient client = server.connect();
        String data = "{\"user_id\":\"" + id + "\"}";
        client.askFor("presence-a", TestServer.APP.auth(client.socketId(), "presence-a", data), data);
        client.next("pusher:error").assertError(4200);
        String user = "{\"id\":\"" + id + "\"}";
        client.send("{\"event\":\"pusher:signin\",\"data\":{\"auth\":"
                + Json.quote(TestServer.APP.userAuth(client.socketId(), user)) + ",\"user_data\":" + Json.quote(user)
                + "}}");
        client.next("pusher:error").assertError(4200);
    }

    @Test
    void aWholeSurrogatePairIsAUserId(TestServer server) {
        WireClient client = server.connect();
        Received joined = client.subscribePresence("presence-a", "{\"user_id\":\"\\ud83d\\ude00\"}");
        assertTrue(joined.dataJson().path("presence").path("hash").has("\ud83d\ude00"), joined.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\\ud83d", "\\udc00"})
    void aChannelNameWithHalfASurrogatePairIsRefused(String name, TestServer server) {
        server.app("channel_names: any");
        server.connect().send(subscribe("\"channel\":\"" + name + "\"")).next("pusher:error").assertError(4200);
        HttpReply reply = server.api().post("/events", "{\"name\":\"x\",\"data\":\"1\",\"channel\":\"" + name + "\"}");
        assertEquals(422, reply.status(), reply.toString());
    }

    @Test
    void numbersAsUserIdsKeepTheirTypeInIdsAndInUsers(TestServer server) {
        WireClient client = server.connect();
        Received joined = client.subscribePresence("presence-a", "{\"user_id\":7}");
        assertEquals("[7]", joined.dataJson().path("presence").path("ids").toString());
        server.connect().subscribePresence("presence-a", "{\"user_id\":\"x\"}");
        String users = server.api().get("/channels/presence-a/users").body();
        assertTrue(users.contains("{\"id\":7}") && users.contains("{\"id\":\"x\"}"), users);
    }

    @Test
    void limitsOfMembersHoldForUsersThatSignedIn(TestServer server) {
        server.app("max_presence_user_id_length: 10", "max_presence_member_size: 100");
        WireClient longId = server.connect();
        signIn(longId, "{\"id\":\"" + "x".repeat(11) + "\"}").next("pusher:error").assertError(4200);
        WireClient large = server.connect();
        signIn(large, "{\"id\":\"1\",\"user_info\":\"" + "x".repeat(100) + "\"}").next("pusher:signin_success");
        large.askFor("presence-a", TestServer.APP.auth(large.socketId(), "presence-a"), null);
        large.next("pusher:error").assertError(4200);
        assertEquals("{\"channels\":{}}", server.api().get("/channels").body());
    }

    private static WireClient signIn(WireClient client, String user) {
        return client.send("{\"event\":\"pusher:signin\",\"data\":{\"auth\":"
                + Json.quote(TestServer.APP.userAuth(client.socketId(), user)) + ",\"user_data\":" + Json.quote(user)
                + "}}");
    }

    @Test
    void halfASurrogatePairInDataThatIsAStringIsRefusedToo(TestServer server) {
        server.app("channel_names: any");
        server.connect()
                .send("{\"event\":\"pusher:subscribe\",\"data\":\"{\\\"channel\\\":\\\"x\\ud800\\\"}\"}")
                .next("pusher:error")
                .assertError(4200);
        assertEquals("{\"channels\":{}}", server.api().get("/channels").body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"private-a", "private-cache-a", "presence-a"})
    void channelDataThatIsEmptyIsNone(String channel, TestServer server) {
        WireClient client = server.connect();
        client.askFor(channel, TestServer.APP.auth(client.socketId(), channel), "");
        Received joined = client.next("pusher_internal:subscription_succeeded");
        assertEquals(channel.equals("presence-a") ? "{\"presence\":{\"count\":0,\"ids\":[],\"hash\":{}}}" : "{}",
                joined.json().path("data").asString());
    }
}
