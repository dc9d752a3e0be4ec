package dev.reverb.bench.crowd;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Counts the WebSocket messages in a server's byte stream by walking frame headers, over any cut of the stream into
 * reads. Makes no object per message. A message is counted when its last byte has arrived. One per connection; not safe
 * for use by several threads.
 */
public final class FrameWalker {
    /** Sees the messages that lie whole in one read; those cut by a read's end are counted but not shown. */
    public interface Visitor {
        /**
         * @param buffer the read; positions are absolute, its own position and limit must stay as they are
         * @param start index of the payload's first byte
         * @param size bytes of payload
         */
        void message(ByteBuffer buffer, int start, int size);
    }

    private static final int CONTINUATION = 0;
    private static final int CLOSE = 8;
    private static final int LONGEST_HEADER = 10;

    private final int smallest;

    /** Bytes of the current frame's payload that have not arrived. */
    private long missing;

    /** Bytes of payload in the fragments of the current message. */
    private long gathered;

    private boolean data;
    private boolean last;

    /** A header cut by the end of a read: how many of its bytes are here, and what they were. */
    private int headerBytes;
    private int firstByte;
    private int sizeByte;
    private long longSize;

    private int others;
    private int closes;

    /**
     * @param smallest bytes of payload from which a data message counts; smaller ones (a ping as text, say) are
     *     counted by {@link #others()}
     */
    public FrameWalker(int smallest) {
        this.smallest = smallest;
    }

    /** Messages below the smallest counted size, and ping and pong frames. */
    public int others() {
        return others;
    }

    /** Close frames seen. */
    public int closes() {
        return closes;
    }

    /** Whether the stream stands at a frame's edge: nothing of a frame is missing. */
    public boolean atEdge() {
        return missing == 0 && headerBytes == 0;
    }

    /**
     * Walks the bytes from {@code from} to {@code to} and returns how many messages of at least the smallest size ended
     * in them. The buffer's position and limit are left alone.
     *
     * @throws IllegalStateException if the bytes are no unmasked WebSocket frames
     */
    public int walk(ByteBuffer buffer, int from, int to, @Nullable Visitor visitor) {
        int at = from;
        int counted = 0;
        if (missing > 0) {
            long taken = Math.min(missing, to - at);
            missing -= taken;
            at += (int) taken;
            if (missing > 0) {
                return 0;
            }
            counted += ended();
        }
        while (at < to) {
            int first;
            long size;
            if (headerBytes > 0 || to - at < LONGEST_HEADER) {
                at = gatherHeader(buffer, at, to);
                if (headerBytes > 0) {
                    return counted;
                }
                first = firstByte;
                size = sizeByte < 126 ? sizeByte : longSize;
            } else {
                first = buffer.get(at);
                size = buffer.get(at + 1);
                at += 2;
                if (size < 0) {
                    throw masked();
                }
                if (size == 126) {
                    size = buffer.getShort(at) & 0xffff;
                    at += 2;
                } else if (size == 127) {
                    size = buffer.getLong(at);
                    at += 8;
                }
            }
            begin(first, size);
            if (size > to - at) {
                missing = size - (to - at);
                return counted;
            }
            int ended = ended();
            if (ended > 0 && visitor != null) {
                visitor.message(buffer, at, (int) size);
            }
            counted += ended;
            at += (int) size;
        }
        return counted;
    }

    /** Takes header bytes one by one; {@code headerBytes} is 0 again when the header is whole. */
    private int gatherHeader(ByteBuffer buffer, int from, int to) {
        int at = from;
        while (at < to) {
            int value = buffer.get(at++) & 0xff;
            switch (headerBytes++) {
                case 0 -> firstByte = value;
                case 1 -> {
                    if (value > 127) {
                        throw masked();
                    }
                    sizeByte = value;
                    longSize = 0;
                }
                default -> longSize = longSize << 8 | value;
            }
            if (headerBytes >= 2 && headerBytes == (sizeByte < 126 ? 2 : sizeByte == 126 ? 4 : LONGEST_HEADER)) {
                headerBytes = 0;
                return at;
            }
        }
        return at;
    }

    private void begin(int first, long size) {
        if (size < 0 || (first & 0x70) != 0) {
            throw new IllegalStateException("not a WebSocket frame: first byte 0x" + Integer.toHexString(first & 0xff));
        }
        int opcode = first & 0x0f;
        last = (first & 0x80) != 0;
        data = opcode < CLOSE;
        if (data) {
            gathered = opcode == CONTINUATION ? gathered + size : size;
        } else if (opcode == CLOSE) {
            closes++;
        } else {
            others++;
        }
    }

    private int ended() {
        if (!data || !last) {
            return 0;
        }
        if (gathered < smallest) {
            others++;
            return 0;
        }
        return 1;
    }

    private static IllegalStateException masked() {
        return new IllegalStateException("a frame from the server is masked");
    }
}
