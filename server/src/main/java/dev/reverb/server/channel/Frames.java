package dev.reverb.server.channel;

import io.netty.buffer.ByteBuf;

/** Server-to-client WebSocket frames (RFC 6455, 5.2): final, unmasked. */
public final class Frames {

    private Frames() {}

    /** Bytes of a text frame that carries {@code length} bytes. */
    public static int size(int length) {
        return length + (length < 126 ? 2 : length < 65536 ? 4 : 10);
    }

    /** Appends a text frame to {@code out}, which has room for it. */
    public static void text(ByteBuf out, byte[] message) {
        header(out, 0x81, message.length);
        out.writeBytes(message);
    }

    /** Appends the header of a frame; {@code first} holds the FIN bit and the opcode. */
    public static void header(ByteBuf out, int first, int length) {
        out.writeByte(first);
        if (length < 126) {
            out.writeByte(length);
        } else if (length < 65536) {
            out.writeByte(126);
            out.writeShort(length);
        } else {
            out.writeByte(127);
            out.writeLong(length);
        }
    }
}
