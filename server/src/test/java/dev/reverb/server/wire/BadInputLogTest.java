package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.WireClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Whoever sends nonsense does not write this server's log. */
@WireTest
@Isolated("what other tests log is not told from what this server logs")
class BadInputLogTest {

    private static final int TIMES = 100;

    /** Everything from information upwards. */
    private static final class Kept extends Handler {
        private final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        public void publish(LogRecord entry) {
            if (entry.getLevel().intValue() >= Level.INFO.intValue()) {
                lines.add(entry.getLoggerName() + ": " + entry.getMessage() + " " + entry.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Test
    void manyWrongMessagesFramesRequestsAndSignaturesAreOneLineAtMost(TestServer server) {
        WireClient client = server.connect(); // the server has started, and logged that
        Kept kept = new Kept();
        Logger root = Logger.getLogger("");
        root.addHandler(kept);
        try {
            for (int i = 0; i < TIMES; i++) {
                client.send("{\"event\":").next("pusher:error").assertError(4200);
                client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-a\",\"auth\":\"x:y\"}}")
                        .next("pusher:error")
                        .assertError(4009);
                for (String request : List.of("hello\r\n\r\n", "GET /up HTTP/1.1\r\nno colon\r\n\r\n",
                        "GET /apps/app/channels?auth_key=x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                        "GET /up HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(20_000) + "\r\n\r\n")) {
                    HttpReply reply = server.socket().write(request.getBytes(StandardCharsets.ISO_8859_1)).read();
                    assertTrue(reply.status() >= 400, reply.toString());
                }
            }
        } finally {
            root.removeHandler(kept);
        }
        assertTrue(kept.lines.size() <= 1, kept.lines.toString());
    }
}
