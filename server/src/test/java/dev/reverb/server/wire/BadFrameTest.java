package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Frame;
import dev.reverb.testkit.WireClient;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that break RFC 6455: the right close for who sent them, nothing for the others. */
@WireTest
class BadFrameTest {

    private static final Frame PING = Frame.text("{\"event\":\"pusher:ping\"}");
    private static final byte[] BAD_UTF8 = {'{', (byte) 0xC3, (byte) 0x28, '}'};

    private static final Map<String, List<Frame>> PROTOCOL_ERRORS = new TreeMap<>(
            Map.ofEntries(Map.entry("unmasked text", List.of(PING.unmasked())),
                    Map.entry("unmasked ping", List.of(Frame.of(Frame.PING, new byte[0]).unmasked())),
                    Map.entry("reserved bit 1", List.of(PING.withReserved(4))),
                    Map.entry("reserved bit 2", List.of(PING.withReserved(2))),
                    Map.entry("reserved bit 3", List.of(PING.withReserved(1))),
                    Map.entry("reserved bit on a ping", List.of(Frame.of(Frame.PING, new byte[0]).withReserved(4))),
                    Map.entry("opcode 3", List.of(Frame.of(3, new byte[1]))),
                    Map.entry("opcode 7", List.of(Frame.of(7, new byte[0]))),
                    Map.entry("opcode 11", List.of(Frame.of(11, new byte[0]))),
                    Map.entry("opcode 15", List.of(Frame.of(15, new byte[1]))),
                    Map.entry("ping of 126 bytes", List.of(Frame.of(Frame.PING, new byte[126]))),
                    Map.entry("pong of 70,000 bytes", List.of(Frame.of(Frame.PONG, new byte[70_000]))),
                    Map.entry("close of 126 bytes", List.of(Frame.close(1000, "r".repeat(124)))),
                    Map.entry("unfinished ping", List.of(Frame.of(Frame.PING, new byte[0]).unfinished())),
                    Map.entry("unfinished close", List.of(Frame.close(1000, "").unfinished())),
                    Map.entry("continuation of nothing", List.of(Frame.of(Frame.CONTINUATION, new byte[3]))),
                    Map.entry("continuation after the end",
                            List.of(PING.unfinished(), Frame.of(Frame.CONTINUATION, new byte[0]),
                                    Frame.of(Frame.CONTINUATION, new byte[0]))),
                    Map.entry("text within a message", List.of(PING.unfinished(), PING)),
                    Map.entry("close of one byte", List.of(Frame.of(Frame.CLOSE, new byte[1]))),
                    Map.entry("close 0", List.of(Frame.close(0, ""))),
                    Map.entry("close 999", List.of(Frame.close(999, ""))),
                    Map.entry("close 1004", List.of(Frame.close(1004, ""))),
                    Map.entry("close 1005", List.of(Frame.close(1005, ""))),
                    Map.entry("close 1006", List.of(Frame.close(1006, ""))),
                    Map.entry("close 1015", List.of(Frame.close(1015, ""))),
                    Map.entry("close 1016", List.of(Frame.close(1016, ""))),
                    Map.entry("close 2999", List.of(Frame.close(2999, "")))));

    static Stream<String> protocolErrors() {
        return PROTOCOL_ERRORS.keySet().stream();
    }

    /** Runs {@code attack} on a connection of its own, and then sees another one served. */
    private static void besideAnother(TestServer server, Consumer<WireClient> attack) {
        WireClient other = server.connect();
        other.subscribe("news");
        attack.accept(server.connect());
        server.api().publish("still", "here", "news");
        other.next("still");
        other.assertNothingMore();
    }

    @ParameterizedTest
    @MethodSource("protocolErrors")
    void aProtocolErrorIsClosedWith1002(String name, TestServer server) {
        besideAnother(server, client -> client.send(PROTOCOL_ERRORS.getOrDefault(name, List.of()).toArray(Frame[]::new))
                .awaitClose(1002));
    }

    @Test
    void invalidUtf8IsClosedWith1007(TestServer server) {
        besideAnother(server, client -> client.send(Frame.of(Frame.TEXT, BAD_UTF8)).awaitClose(1007));
        besideAnother(server,
                client -> client.send(Frame.of(Frame.TEXT, new byte[]{(byte) 0xED, (byte) 0xA0, (byte) 0x80}))
                        .awaitClose(1007));
        besideAnother(server,
                client -> client.send(Frame.of(Frame.TEXT, new byte[]{(byte) 0xF0, (byte) 0x9F})).awaitClose(1007));
    }

    @Test
    void invalidUtf8OverFragmentsIsClosedWith1007(TestServer server) {
        byte[] first = "{\"event\":\"".getBytes(StandardCharsets.UTF_8);
        besideAnother(server,
                client -> client
                        .send(Frame.of(Frame.TEXT, first).unfinished(),
                                Frame.of(Frame.CONTINUATION, new byte[]{(byte) 0xC3}).unfinished(),
                                Frame.of(Frame.CONTINUATION, new byte[]{(byte) 0x28}))
                        .awaitClose(1007));
    }

    @Test
    void controlFramesAreNoMessagesAndMayBeLongerThanOne(TestServer server) {
        server.app("max_message_size: 30");
        WireClient client = server.connect();
        client.send(Frame.of(Frame.PING, new byte[125]));
        assertEquals(125, client.nextControl().payload().length);
        client.send(Frame.text("x".repeat(31))).awaitClose(1009);
    }

    @Test
    void aCharacterMayBeSplitOverFragments(TestServer server) {
        byte[] text = "{\"event\":\"pusher:ping\",\"data\":\"😀\"}".getBytes(StandardCharsets.UTF_8);
        WireClient client = server.connect();
        int middle = text.length - 4;
        client.send(Frame.of(Frame.TEXT, Arrays.copyOf(text, middle)).unfinished(),
                Frame.of(Frame.CONTINUATION, Arrays.copyOfRange(text, middle, text.length)));
        client.next("pusher:pong");
    }

    @Test
    void aCloseReasonThatIsNoUtf8IsClosedAsAnError(TestServer server) {
        besideAnother(server, client -> {
            int code = client.send(Frame.of(Frame.CLOSE, new byte[]{3, (byte) 0xE8, (byte) 0xC3, 0x28}))
                    .awaitClose()
                    .code();
            assertTrue(code == 1007 || code == 1002, "code " + code);
            client.awaitEnd();
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000_000, 0x7fff_ffffL, 0x8000_0000L, 0x7fff_ffff_ffff_ffffL})
    void aFrameThatAnnouncesTooMuchIsClosedBeforeItComes(long length, TestServer server) {
        besideAnother(server, client -> {
            client.sendBytes(Frame.header(true, 0, Frame.TEXT, true, length)).sendBytes(new byte[4]);
            assertEquals("Maximum message size exceeded", client.awaitClose(1009).reason());
        });
    }

    @Test
    void aNegativeLengthIsClosed(TestServer server) {
        besideAnother(server, client -> {
            int code = client.sendBytes(Frame.header(true, 0, Frame.TEXT, true, -1))
                    .sendBytes(new byte[4])
                    .awaitClose()
                    .code();
            assertTrue(code == 1002 || code == 1009, "code " + code);
            client.awaitEnd();
        });
    }

    @Test
    void endlessFragmentsAreClosed(TestServer server) {
        besideAnother(server, client -> {
            client.send(Frame.of(Frame.TEXT, new byte[]{'{'}).unfinished());
            byte[] part = " ".repeat(100).getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 200; i++) {
                client.send(Frame.of(Frame.CONTINUATION, part).unfinished());
            }
            client.awaitClose(1009);
        });
    }

    @Test
    void aBinaryMessageHurtsNobody(TestServer server) {
        besideAnother(server, client -> {
            client.send(Frame.of(Frame.BINARY, new byte[]{0, 1, 2}));
            if (client.send(PING).closesOrAnswers()) {
                client.awaitEnd();
            }
        });
    }

    @Test
    void deepNestingHurtsNobody(TestServer server) {
        besideAnother(server, client -> {
            String deep = "[".repeat(4_900) + "]".repeat(4_900);
            client.send("{\"event\":\"client-x\",\"channel\":\"c\",\"data\":" + deep + "}").next("pusher:error");
            client.send(deep).next("pusher:error").assertError(4200);
            client.send("[".repeat(9_900)).next("pusher:error").assertError(4200);
            client.send("{\"a\":".repeat(1_900)).next("pusher:error").assertError(4200);
            client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":" + deep + "}}").next("pusher:error");
            String data = "{\"user_id\":\"1\",\"user_info\":" + "[".repeat(900) + "]".repeat(900) + "}";
            client.askFor("presence-a", TestServer.APP.auth(client.socketId(), "presence-a", data), data).next();
            client.send(PING).skipTo("pusher:pong");
        });
    }

    @Test
    void deepNestingInARequestHurtsNobody(TestServer server) {
        besideAnother(server, client -> {
            String deep = "[".repeat(20_000);
            assertEquals(400, server.api().post("/events", deep).status());
            int status = server.api()
                    .post("/events",
                            "{\"name\":\"x\",\"channels\":[\"a\"],\"data\":\"1\",\"x\":" + deep + "]".repeat(20_000)
                                    + "}")
                    .status();
            assertTrue(status == 200 || status == 400, "status " + status);
        });
    }

    @Test
    void numbersWithoutEndHurtNobody(TestServer server) {
        besideAnother(server, client -> {
            client.subscribe("c");
            client.send("{\"event\":\"client-x\",\"channel\":\"c\",\"data\":" + "9".repeat(9_000) + "}");
            client.send("{\"event\":\"client-x\",\"channel\":\"c\",\"data\":1e999999999}");
            client.send(PING).skipTo("pusher:pong");
        });
    }

    @Test
    void aTornConnectionHurtsNobody(TestServer server) {
        besideAnother(server, client -> {
            client.subscribe("news");
            client.sendBytes(Arrays.copyOf(PING.encode(), 5));
            client.reset();
        });
    }

    @Test
    void manyEmptyFramesHurtNobody(TestServer server) {
        besideAnother(server, client -> {
            client.send(PING.unfinished());
            for (int i = 0; i < 2_000; i++) {
                client.send(Frame.of(Frame.CONTINUATION, new byte[0]).unfinished());
            }
            client.send(Frame.of(Frame.CONTINUATION, new byte[0]));
            client.next("pusher:pong");
        });
    }
}
