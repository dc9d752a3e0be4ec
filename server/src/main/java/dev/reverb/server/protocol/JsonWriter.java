package dev.reverb.server.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Assembles JSON bytes; grows as needed. Used by one thread at a time. */
public final class JsonWriter {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes;
    private int size;

    /** An empty writer with room for {@code capacity} bytes. */
    public JsonWriter(int capacity) {
        bytes = new byte[capacity];
    }

    /** Appends {@code ascii} as it is. */
    public JsonWriter ascii(String ascii) {
        int length = ascii.length();
        room(length);
        for (int i = 0; i < length; i++) {
            bytes[size + i] = (byte) ascii.charAt(i);
        }
        size += length;
        return this;
    }

    /** Appends bytes as they are. */
    public JsonWriter raw(byte[] source) {
        return raw(source, 0, source.length);
    }

    /** Appends {@code source[from, to)} as it is. */
    public JsonWriter raw(byte[] source, int from, int to) {
        room(to - from);
        System.arraycopy(source, from, bytes, size, to - from);
        size += to - from;
        return this;
    }

    /** Appends {@code text} as a JSON string with its quotes. */
    public JsonWriter string(String text) {
        room(1);
        bytes[size++] = '"';
        escaped(text);
        room(1);
        bytes[size++] = '"';
        return this;
    }

    /** Appends {@code utf8} as a JSON string with its quotes. */
    public JsonWriter string(byte[] utf8, int from, int to) {
        room(2 + (to - from) * 6);
        bytes[size++] = '"';
        for (int i = from; i < to; i++) {
            escape(utf8[i]);
        }
        bytes[size++] = '"';
        return this;
    }

    /** Appends {@code utf8} as it stands within a JSON string, without quotes. */
    public JsonWriter escaped(byte[] utf8) {
        room(utf8.length * 6);
        for (byte b : utf8) {
            escape(b);
        }
        return this;
    }

    private void escaped(String text) {
        int length = text.length();
        room(length * 6);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                escape((byte) c);
            } else {
                byte[] rest = text.substring(i).getBytes(StandardCharsets.UTF_8);
                room(rest.length * 6);
                for (byte b : rest) {
                    escape(b);
                }
                return;
            }
        }
    }

    private void escape(byte b) {
        switch (b) {
            case '"', '\\' -> {
                bytes[size++] = '\\';
                bytes[size++] = b;
            }
            case '\n' -> {
                bytes[size++] = '\\';
                bytes[size++] = 'n';
            }
            case '\r' -> {
                bytes[size++] = '\\';
                bytes[size++] = 'r';
            }
            case '\t' -> {
                bytes[size++] = '\\';
                bytes[size++] = 't';
            }
            default -> {
                if (b >= 0 && b < 0x20) {
                    bytes[size++] = '\\';
                    bytes[size++] = 'u';
                    bytes[size++] = '0';
                    bytes[size++] = '0';
                    bytes[size++] = HEX[b >> 4];
                    bytes[size++] = HEX[b & 15];
                } else {
                    bytes[size++] = b;
                }
            }
        }
    }

    private void room(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }

    /** Bytes written so far. */
    public int size() {
        return size;
    }

    /** What was written, in an array of its own. */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }
}
