package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.Frame;
import dev.reverb.testkit.WireClient;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client's close frame may say, and what becomes of it. */
@WireTest
class CloseFrameTest {

    private static Frame close(int code) {
        return Frame.of(Frame.CLOSE, ByteBuffer.allocate(2).putShort((short) code).array());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 5001, 32768, 65535})
    void aCodeThatIsNoneIsAProtocolError(int code, TestServer server) {
        WireClient client = server.connect().withoutCloseAnswer();
        client.send(close(code));
        assertEquals(1002, client.awaitClose().code());
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 1003, 1011, 3000, 4000, 4999})
    void aCodeThatIsOneIsSentBack(int code, TestServer server) {
        WireClient client = server.connect().withoutCloseAnswer();
        client.send(close(code));
        assertEquals(code, client.awaitClose().code());
        client.awaitEnd();
    }

    @Test
    void codesThatClientsChooseAreFewMeters(TestServer server) {
        List<Integer> codes = List.of(1000, 3000, 3001, 3999, 4000, 4123, 4567, 4999);
        for (int code : codes) {
            WireClient client = server.connect().withoutCloseAnswer();
            client.send(close(code));
            client.awaitEnd();
        }
        Set<String> counted = new TreeSet<>();
        server.management("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("reverb_connections_closed_total{"))
                .forEach(line -> counted.add(line.replaceAll(".*code=\"(\\d+)\".*", "$1")));
        assertEquals(Set.of("1000", "3000", "4000"), counted);
    }

    @Test
    void aCloseWhoseAnswerNobodyReadsEndsAllTheSame(TestServer server) {
        server.app("max_event_size: 100000").env("REVERB_OUTBOUND_BUFFER", "64000000");
        server.env("REVERB_OUTBOUND_AGE", "60s");
        WireClient client = server.connectWithSmallBuffer().withoutCloseAnswer();
        client.subscribe("a");
        client.pauseReading();
        String data = "x".repeat(99_000);
        for (int i = 0; i < 120; i++) { // more than the system's buffers take
            server.api().publish("e", data, "a");
        }
        client.send(close(1000));
        Await.until("the connection is counted out", () -> server.metric("reverb_connections_closed_total", "") == 1);
        Await.until("its socket is gone", () -> server.metric("reverb_sockets", "") == 0);
    }
}
