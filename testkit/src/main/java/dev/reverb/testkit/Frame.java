package dev.reverb.testkit;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/** One WebSocket frame, right or wrong (RFC 6455, section 5.2). Immutable. */
public final class Frame {

    public static final int CONTINUATION = 0;
    public static final int TEXT = 1;
    public static final int BINARY = 2;
    public static final int CLOSE = 8;
    public static final int PING = 9;
    public static final int PONG = 10;

    private final boolean last;
    private final int reserved;
    private final int opcode;
    private final boolean masked;
    private final byte[] payload;

    private Frame(boolean last, int reserved, int opcode, boolean masked, byte[] payload) {
        this.last = last;
        this.reserved = reserved;
        this.opcode = opcode;
        this.masked = masked;
        this.payload = payload;
    }

    /** A whole message, or a control frame. */
    public static Frame of(int opcode, byte[] payload) {
        return new Frame(true, 0, opcode, true, payload.clone());
    }

    /** A whole text message. */
    public static Frame text(String text) {
        return of(TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A close frame; the code may be one that is not allowed. */
    public static Frame close(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        return of(CLOSE, ByteBuffer.allocate(2 + text.length).putShort((short) code).put(text).array());
    }

    /** The same, announced as not the last of its message. */
    public Frame unfinished() {
        return new Frame(false, reserved, opcode, masked, payload);
    }

    /** The same with the reserved bits {@code bits}, 1 to 7. */
    public Frame withReserved(int bits) {
        return new Frame(last, bits, opcode, masked, payload);
    }

    /** The same as a server would send it. */
    public Frame unmasked() {
        return new Frame(last, reserved, opcode, false, payload);
    }

    public boolean last() {
        return last;
    }

    public int reserved() {
        return reserved;
    }

    public int opcode() {
        return opcode;
    }

    public boolean masked() {
        return masked;
    }

    public byte[] payload() {
        return payload.clone();
    }

    public String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    public byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(payload.length + 14);
        bytes.writeBytes(header(last, reserved, opcode, masked, payload.length));
        if (!masked) {
            bytes.writeBytes(payload);
            return bytes.toByteArray();
        }
        byte[] mask = ByteBuffer.allocate(4).putInt(ThreadLocalRandom.current().nextInt()).array();
        bytes.writeBytes(mask);
        for (int i = 0; i < payload.length; i++) {
            bytes.write(payload[i] ^ mask[i & 3]);
        }
        return bytes.toByteArray();
    }

    /** A header that announces {@code length} bytes, which need not follow; without the mask itself. */
    public static byte[] header(boolean last, int reserved, int opcode, boolean masked, long length) {
        ByteBuffer header = ByteBuffer.allocate(10);
        header.put((byte) ((last ? 0x80 : 0) | (reserved << 4) | opcode));
        int maskBit = masked ? 0x80 : 0;
        if (length >= 0 && length < 126) {
            header.put((byte) (maskBit | (int) length));
        } else if (length >= 0 && length < 65536) {
            header.put((byte) (maskBit | 126)).putShort((short) length);
        } else {
            header.put((byte) (maskBit | 127)).putLong(length);
        }
        byte[] bytes = new byte[header.position()];
        header.flip().get(bytes);
        return bytes;
    }

    public static Frame read(InputStream in) throws IOException {
        int first = readByte(in);
        int second = readByte(in);
        long length = second & 0x7f;
        if (length == 126) {
            length = ByteBuffer.wrap(readExactly(in, 2)).getShort() & 0xffff;
        } else if (length == 127) {
            length = ByteBuffer.wrap(readExactly(in, 8)).getLong();
        }
        byte[] mask = (second & 0x80) == 0 ? new byte[4] : readExactly(in, 4);
        byte[] payload = readExactly(in, Math.toIntExact(length));
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i & 3];
        }
        return new Frame((first & 0x80) != 0, (first >> 4) & 7, first & 15, (second & 0x80) != 0, payload);
    }

    private static int readByte(InputStream in) throws IOException {
        int b = in.read();
        if (b < 0) {
            throw new EOFException();
        }
        return b;
    }

    private static byte[] readExactly(InputStream in, int size) throws IOException {
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new EOFException();
        }
        return bytes;
    }
}
