package dev.reverb.server.transport.http;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * The body of the request that one connection is at. One that comes whole is read where the loop has room for it; one
 * that comes in parts takes of {@link BodyMemory} until it is {@linkplain #clear cleared}. Loop thread only.
 */
final class RequestBody {

    private static final byte[] NONE = {};
    /** Bytes that room is made for before they come, of a length that was announced. */
    private static final int FIRST = 16 * 1024;

    private final BodyMemory memory;
    private byte[] bytes = NONE;
    private int length;
    private int taken;

    RequestBody(BodyMemory memory) {
        this.memory = memory;
    }

    /** The body in its first {@link #length} bytes; valid until {@link #clear}. */
    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /** The body is these bytes, which belong to somebody else. */
    void whole(byte[] all, int size) {
        bytes = all;
        length = size;
    }

    /**
     * Adds a part.
     *
     * @param declared bytes of the whole body, 0 where it is not known: an announcement alone takes no room
     * @param most bytes that a body may have
     * @return false when all bodies together have no room for it; nothing was added then
     */
    boolean append(ByteBuf part, long declared, int most) {
        int size = part.readableBytes();
        if (length + size > bytes.length) {
            int grown = Math.max((int) Math.min(declared, FIRST), (int) Math.min(bytes.length * 2L, most));
            int room = Math.max(length + size, grown);
            if (!memory.take(taken, room - taken)) {
                return false;
            }
            taken = room;
            bytes = Arrays.copyOf(bytes, room);
        }
        part.getBytes(part.readerIndex(), bytes, length, size);
        length += size;
        return true;
    }

    /** Forgets the body and gives its room back. */
    void clear() {
        memory.give(taken);
        taken = 0;
        bytes = NONE;
        length = 0;
    }
}
