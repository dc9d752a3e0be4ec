package dev.reverb.bench.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What a client sends: the upgrade request, and text frames, masked as the protocol asks. Pure. */
final class ClientFrame {
    private ClientFrame() {}

    /** The upgrade request, in a direct buffer. */
    static ByteBuffer upgrade(String key) {
        return direct(("GET /app/" + key + "?protocol=7&client=bench&version=1.0 HTTP/1.1\r\n" + "Host: 127.0.0.1\r\n"
                + "Upgrade: websocket\r\n" + "Connection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + "Sec-WebSocket-Version: 13\r\n"
                + "Origin: http://127.0.0.1\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** A masked text frame, in a direct buffer. */
    static ByteBuffer text(String message, int mask) {
        byte[] payload = message.getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 8);
        frame.put((byte) 0x81);
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        }
        frame.putInt(mask);
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ (mask >>> (24 - 8 * (i % 4)))));
        }
        byte[] bytes = new byte[frame.flip().remaining()];
        frame.get(bytes);
        return direct(bytes);
    }

    private static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }
}
