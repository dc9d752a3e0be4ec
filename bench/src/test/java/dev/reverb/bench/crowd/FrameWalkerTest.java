package dev.reverb.bench.crowd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameWalkerTest {
    private static final int TEXT = 0x81;
    private static final int PING = 0x89;
    private static final int CLOSE = 0x88;

    @Test
    void countsEveryMessageHoweverTheStreamIsCut() {
        byte[] stream = stream(frame(TEXT, 64), frame(TEXT, 125), frame(TEXT, 126), frame(PING, 4), frame(TEXT, 300),
                frame(TEXT, 70_000), frame(TEXT, 10), frame(TEXT, 64));
        for (int first = 0; first <= stream.length; first += first < 1000 || first > stream.length - 200 ? 1 : 997) {
            for (int second = first; second <= Math.min(stream.length, first + 12); second++) {
                FrameWalker walker = new FrameWalker(64);
                int counted = walk(walker, stream, 0, first) + walk(walker, stream, first, second)
                        + walk(walker, stream, second, stream.length);
                assertEquals(6, counted, "cut at " + first + " and " + second);
                assertEquals(2, walker.others());
                assertTrue(walker.atEdge());
            }
        }
    }

    @Test
    void countsAMessageThatArrivesByteByByte() {
        byte[] stream = stream(frame(TEXT, 64), frame(TEXT, 200), frame(TEXT, 66_000));
        FrameWalker walker = new FrameWalker(64);
        int counted = 0;
        for (int i = 0; i < stream.length; i++) {
            counted += walk(walker, stream, i, i + 1);
        }
        assertEquals(3, counted);
    }

    @Test
    void countsAMessageOnlyWhenItsLastByteIsThere() {
        byte[] stream = frame(TEXT, 100);
        FrameWalker walker = new FrameWalker(64);
        assertEquals(0, walk(walker, stream, 0, stream.length - 1));
        assertEquals(1, walk(walker, stream, stream.length - 1, stream.length));
    }

    @Test
    void countsAFragmentedMessageOnceByTheSizeOfAllItsFragments() {
        byte[] stream = stream(frame(0x01, 40), frame(PING, 0), frame(0x00, 10), frame(0x80, 20), frame(TEXT, 63));
        FrameWalker walker = new FrameWalker(64);
        assertEquals(1, walk(walker, stream, 0, stream.length));
        assertEquals(2, walker.others());
    }

    @Test
    void showsTheMessagesThatLieWholeInARead() {
        byte[] stream = stream(message("first, and long enough to be read in one go"),
                message("second, as long as the"), message("third, which is cut by the end of the read"));
        List<String> shown = new ArrayList<>();
        new FrameWalker(1).walk(ByteBuffer.wrap(stream), 0, stream.length - 3, (buffer, start, size) -> {
            byte[] text = new byte[size];
            buffer.get(start, text);
            shown.add(new String(text, StandardCharsets.US_ASCII));
        });
        assertEquals(List.of("first, and long enough to be read in one go", "second, as long as the"), shown);
    }

    @Test
    void noticesACloseFrame() {
        FrameWalker walker = new FrameWalker(64);
        assertEquals(0, walk(walker, frame(CLOSE, 30), 0, 32));
        assertEquals(1, walker.closes());
    }

    @Test
    void refusesWhatIsNoFrameOfAServer() {
        byte[] masked = frame(TEXT, 100);
        masked[1] |= (byte) 0x80;
        assertThrows(IllegalStateException.class, () -> walk(new FrameWalker(64), masked, 0, masked.length));
        assertThrows(IllegalStateException.class, () -> walk(new FrameWalker(64), masked, 0, 2));
        byte[] text = "HTTP/1.1 400 Bad Request\r\n".getBytes(StandardCharsets.US_ASCII);
        text[0] = (byte) 0xf1;
        assertThrows(IllegalStateException.class, () -> walk(new FrameWalker(64), text, 0, text.length));
    }

    private static int walk(FrameWalker walker, byte[] stream, int from, int to) {
        return walker.walk(ByteBuffer.wrap(stream), from, to, null);
    }

    private static byte[] message(String text) {
        byte[] frame = frame(TEXT, text.length());
        System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, frame, 2, text.length());
        return frame;
    }

    private static byte[] frame(int first, int size) {
        ByteBuffer frame = ByteBuffer.allocate(size + 10).put((byte) first);
        if (size < 126) {
            frame.put((byte) size);
        } else if (size < 65_536) {
            frame.put((byte) 126).putShort((short) size);
        } else {
            frame.put((byte) 127).putLong(size);
        }
        byte[] bytes = new byte[frame.position() + size];
        frame.flip().get(bytes, 0, frame.limit());
        // a payload that looks like frame headers finds a walker that lost its place
        java.util.Arrays.fill(bytes, bytes.length - size, bytes.length, (byte) 0x81);
        return bytes;
    }

    private static byte[] stream(byte[]... frames) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (byte[] frame : frames) {
            stream.writeBytes(frame);
        }
        return stream.toByteArray();
    }
}
