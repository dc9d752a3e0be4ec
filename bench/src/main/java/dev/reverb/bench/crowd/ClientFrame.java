package dev.reverb.bench.crowd;

import dev.reverb.testkit.Frame;
import dev.reverb.testkit.HttpSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What a client sends: the upgrade request, and text frames, encoded once into direct buffers that are sent often. */
public final class ClientFrame {
    private ClientFrame() {}

    /** The upgrade request. */
    public static ByteBuffer upgrade(String key) {
        return direct(
                HttpSocket.upgrade("/app/" + key + "?protocol=7&client=bench&version=1.0", "Origin: http://127.0.0.1")
                        .getBytes(StandardCharsets.US_ASCII));
    }

    /** A masked text frame. */
    public static ByteBuffer text(String message) {
        return direct(Frame.text(message).encode());
    }

    private static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }
}
