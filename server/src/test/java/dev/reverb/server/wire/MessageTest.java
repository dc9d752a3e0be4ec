package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Frame;
import dev.reverb.testkit.WireClient;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client may send, how large, and what it gets when it is wrong. */
@WireTest
class MessageTest {

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "hello", "{", "[]", "null", "42", "\"pusher:ping\"", "{}", "{\"data\":{}}",
            "{\"event\":null}", "{\"event\":7}", "{\"event\":{}}", "{\"event\":\"pusher:ping\"",
            "{\"event\":\"pusher:ping\"}}", "{\"event\":\"pusher:ping\",}", "{'event':'pusher:ping'}",
            "{\"event\":\"pusher:ping\"} {}", "{\"event\":\"pusher:subscribe\"}",
            "{\"event\":\"pusher:subscribe\",\"data\":{}}",
            "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":{}}}",
            "{\"event\":\"pusher:subscribe\",\"data\":\"{\"}", "{\"event\":\"pusher:subscribe\",\"data\":[1]}",
            "{\"event\":\"pusher:unsubscribe\",\"data\":{}}", "{\"event\":\"client-x\",\"data\":{}}",
            "{\"event\":\"client-x\",\"channel\":[],\"data\":{}}", "{\"event\":\"a\tb\"}"})
    void aMessageThatSaysNothingIs4200AndTheConnectionStays(String message, TestServer server) {
        WireClient client = server.connect();
        client.send(message);
        client.next("pusher:error").assertError(4200, "Invalid message format");
        client.assertNothingMore();
    }

    @Test
    void anEmptyChannelNameIsSaidToBeOne(TestServer server) {
        WireClient client = server.connect();
        client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"\"}}");
        client.next("pusher:error")
                .assertError(4200, "Invalid channel name: 1 to 164 of A-Z a-z 0-9 _ - = @ , . ; are allowed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"event\":\"pusher:other\",\"data\":{}}", "{\"event\":\"anything\",\"data\":{}}"})
    void anUnknownEventHurtsNobody(String message, TestServer server) {
        WireClient client = server.connect();
        client.send(message);
        client.send("{\"event\":\"pusher:ping\"}").skipTo("pusher:pong");
    }

    @Test
    void dataOfASubscriptionMayBeAJsonString(TestServer server) {
        WireClient client = server.connect();
        client.send("{\"event\":\"pusher:subscribe\",\"data\":\"{\\\"channel\\\":\\\"news\\\"}\"}");
        assertEquals("news", client.next("pusher_internal:subscription_succeeded").channel());
        client.send("{\"event\":\"pusher:unsubscribe\",\"data\":\"{\\\"channel\\\":\\\"news\\\"}\"}");
        client.assertNothingMore();
        assertEquals("{\"channels\":{}}", server.api().get("/channels").body());
    }

    @Test
    void keysMayComeInAnyOrderWithSpaceBetweenAndEscapesWithin(TestServer server) {
        WireClient client = server.connect();
        client.send(" {\n\"data\" : { \"auth\" : \"\" , \"chann\\u0065l\" : \"n\\u0065ws\" } ,\t\"ev\\u0065nt\" : "
                + "\"pusher:subscrib\\u0065\"\r\n} ");
        assertEquals("news", client.next("pusher_internal:subscription_succeeded").channel());
    }

    @Test
    void aMessageMayComeInFragmentsWithAPingBetween(TestServer server) {
        WireClient client = server.connect();
        byte[] text = "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"news\"}}"
                .getBytes(StandardCharsets.UTF_8);
        client.send(Frame.of(Frame.TEXT, Arrays.copyOf(text, 10)).unfinished());
        client.send(Frame.of(Frame.PING, new byte[]{1}));
        assertEquals(Frame.PONG, client.nextControl().opcode());
        client.send(Frame.of(Frame.CONTINUATION, Arrays.copyOfRange(text, 10, 20)).unfinished());
        client.send(Frame.of(Frame.CONTINUATION, Arrays.copyOfRange(text, 20, text.length)));
        client.next("pusher_internal:subscription_succeeded");
    }

    @Test
    void aFrameMayComeByteByByte(TestServer server) {
        WireClient client = server.connect();
        for (byte b : Frame.text("{\"event\":\"pusher:ping\"}").encode()) {
            client.sendBytes(new byte[]{b});
        }
        client.next("pusher:pong");
    }

    private static String pingOf(int bytes) {
        String head = "{\"event\":\"pusher:ping\",\"data\":\"";
        return head + "x".repeat(bytes - head.length() - 2) + "\"}";
    }

    @Test
    void aMessageOfTheLargestSizeIsTaken(TestServer server) {
        server.connect().send(pingOf(10_000)).next("pusher:pong");
    }

    @Test
    void aLargerMessageIsClosedWith1009(TestServer server) {
        WireClient client = server.connect().send(pingOf(10_001));
        assertEquals("Maximum message size exceeded", client.awaitClose(1009).reason());
        assertEquals(1, client.count());
    }

    @Test
    void theLargestSizeIsASettingOfTheApplication(TestServer server) {
        server.app("max_message_size: 200");
        server.connect().send(pingOf(200)).next("pusher:pong");
        assertEquals("Maximum message size exceeded", server.connect().send(pingOf(201)).awaitClose(1009).reason());
    }

    @Test
    void theLargestSizeIsInBytesNotCharacters(TestServer server) {
        server.app("max_message_size: 200");
        String text = pingOf(170).replace("xxxxx", "ééééé");
        assertTrue(text.length() < 200 && text.getBytes(StandardCharsets.UTF_8).length > 200);
        server.connect().send(text).awaitClose(1009);
    }

    @Test
    void fragmentsCountTogether(TestServer server) {
        WireClient client = server.connect();
        byte[] part = "x".repeat(4_000).getBytes(StandardCharsets.UTF_8);
        client.send(Frame.of(Frame.TEXT, part).unfinished(), Frame.of(Frame.CONTINUATION, part).unfinished(),
                Frame.of(Frame.CONTINUATION, part).unfinished());
        assertEquals("Maximum message size exceeded", client.awaitClose(1009).reason());
    }

    @Test
    void whoSendsTooMuchLeavesTheOthersAlone(TestServer server) {
        WireClient other = server.connect();
        other.subscribe("news");
        server.connect().send(pingOf(50_000)).awaitClose(1009);
        server.api().publish("still", "here", "news");
        other.next("still");
    }

    @Test
    void aCloseIsAnsweredWithItsCode(TestServer server) {
        server.connect().send(Frame.close(1000, "bye")).awaitClose(1000);
        server.connect().send(Frame.close(3000, "")).awaitClose(3000);
        server.connect().send(Frame.close(4999, "")).awaitClose(4999);
    }

    @Test
    void aCloseWithoutCodeIsAnswered(TestServer server) {
        WireClient client = server.connect().send(Frame.of(Frame.CLOSE, new byte[0]));
        int code = client.awaitClose().code();
        assertTrue(code == 1005 || code == 1000, "code " + code);
        client.awaitEnd();
    }
}
