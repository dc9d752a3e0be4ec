package dev.reverb.bench.crowd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameSocketTest {
    private static final long LONG_NANOS = 20_000_000_000L;

    private final List<String> received = new ArrayList<>();

    private static void frame(ByteArrayOutputStream to, int code, String text) {
        byte[] body = text.getBytes(StandardCharsets.ISO_8859_1);
        to.write(0x80 | code);
        if (body.length > 65_535) {
            to.write(127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                to.write((int) ((long) body.length >>> shift));
            }
        } else if (body.length > 125) {
            to.write(126);
            to.write(body.length >> 8);
            to.write(body.length);
        } else {
            to.write(body.length);
        }
        to.writeBytes(body);
    }

    /** Sends bytes in pieces of {@code size}, and reads until {@code wanted} messages have come. */
    private void read(byte[] bytes, int size, int wanted) throws IOException {
        received.clear();
        try (LoadLoop loop = new LoadLoop();
                ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            FrameSocket client = new FrameSocket(loop,
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()),
                    ByteBuffer.wrap("GET".getBytes(StandardCharsets.US_ASCII)),
                    (_, length, start) -> received.add(length + " " + start.substring(0, Math.min(3, start.length()))));
            try (Socket accepted = server.accept()) {
                accepted.setTcpNoDelay(true);
                OutputStream out = accepted.getOutputStream();
                long deadline = System.nanoTime() + LONG_NANOS;
                for (int from = 0; from < bytes.length; from += size) {
                    out.write(bytes, from, Math.min(size, bytes.length - from));
                    loop.turn(System.nanoTime() + 1_000_000);
                }
                while (received.size() < wanted && System.nanoTime() - deadline < 0) {
                    loop.turn(deadline);
                }
            } finally {
                client.cut();
            }
        }
    }

    @Test
    void messagesOfEveryLengthAreFoundHoweverTheyArrive() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes("HTTP/1.1 101 Switching\r\nupgrade: websocket\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        List<String> expected = new ArrayList<>();
        for (int length : new int[]{3, 0, 125, 126, 300, 65_535, 65_536, 7}) {
            frame(all, 1, "abc" + "x".repeat(Math.max(0, length - 3)));
            expected.add(Math.max(3, length) + " abc");
        }
        frame(all, 1, "");
        expected.add("0 ");
        for (int size : new int[]{997, 65_536, 1_000_000}) {
            read(all.toByteArray(), size, expected.size());
            assertEquals(expected, received, "in pieces of " + size);
        }
        ByteArrayOutputStream few = new ByteArrayOutputStream();
        few.writeBytes("HTTP/1.1 101 S\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        frame(few, 1, "abc" + "y".repeat(200));
        frame(few, 1, "def");
        read(few.toByteArray(), 1, 2);
        assertEquals(List.of("203 abc", "3 def"), received);
    }

    @Test
    void aCloseFrameEndsTheMeasurement() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes("HTTP/1.1 101 S\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        frame(all, 8, "xx");
        assertThrows(LoadFailure.class, () -> read(all.toByteArray(), 1000, 1));
    }
}
