package dev.reverb.bench.crowd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ReplyWalkerTest {
    private static final String WITH_LENGTH = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            + "content-length: 2\r\n\r\n{}";
    private static final String CHUNKED = """
        HTTP/1.1 200 OK
        Transfer-Encoding: chunked

        1
        {
        A
        "xy": "abc
        2
        "}
        0

        """.replace("\n", "\r\n");
    private static final String EMPTY = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    @Test
    void countsRepliesHoweverTheStreamIsCut() {
        String stream = WITH_LENGTH + CHUNKED + EMPTY + WITH_LENGTH;
        for (int cut = 0; cut <= stream.length(); cut++) {
            ReplyWalker walker = new ReplyWalker();
            assertEquals(4, walk(walker, stream.substring(0, cut)) + walk(walker, stream.substring(cut)),
                    "cut at " + cut);
            assertFalse(walker.closing());
        }
    }

    @Test
    void countsAReplyOnlyWhenItsLastByteIsThere() {
        assertEquals(0, walk(new ReplyWalker(), WITH_LENGTH.substring(0, WITH_LENGTH.length() - 1)));
        assertEquals(0, walk(new ReplyWalker(), CHUNKED.substring(0, CHUNKED.length() - 1)));
    }

    @Test
    void tellsARefusalWithItsReason() {
        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> walk(new ReplyWalker(),
                "HTTP/1.1 401 Unauthorized\r\nContent-Length: 17\r\n\r\nInvalid signature"));
        assertTrue(String.valueOf(refused.getMessage()).contains("401"), refused.getMessage());
        assertTrue(String.valueOf(refused.getMessage()).contains("Invalid signature"), refused.getMessage());
        assertThrows(IllegalStateException.class,
                () -> walk(new ReplyWalker(), "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"));
    }

    @Test
    void noticesThatTheServerClosesAfterTheReply() {
        ReplyWalker walker = new ReplyWalker();
        assertEquals(1, walk(walker, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"));
        assertTrue(walker.closing());
    }

    private static int walk(ReplyWalker walker, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return walker.walk(ByteBuffer.wrap(bytes), 0, bytes.length);
    }
}
