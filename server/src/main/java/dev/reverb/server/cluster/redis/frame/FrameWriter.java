package dev.reverb.server.cluster.redis.frame;

import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.base.Keyspace;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Writes the binary form of what goes into a partition's log. A frame is a header (version, origin, the origin's
 * sequence) and entries; joins and leaves are written by {@code write.lua}, in this same form. Numbers are big-endian.
 * Messages are copied as they are. Not shared between threads.
 */
public final class FrameWriter {

    /**
     * Raised whenever an older reader could not skip what is new; a reader drops frames of versions it does not know.
     */
    public static final byte VERSION = 1;

    static final byte PUBLISHED = 1;
    static final byte JOINED = 2;
    static final byte LEFT = 3;
    static final byte TERMINATE = 4;
    static final byte RESTART = 5;
    /** Written by {@code write.lua} alone, behind all other entries, as releases before it drop the rest of a frame. */
    static final byte COUNTED = 6;

    /** As {@link #PUBLISHED}, with the number of a message that its channel keeps; unknown to releases before it. */
    static final byte KEPT = 7;

    /** In place of a text's length in two bytes: four follow. */
    static final int LONG = 0xffff;

    private ByteBuffer out = ByteBuffer.allocate(512);

    /**
     * Set beside the version: the frame says what its origin did not know when it wrote it, the leaves of a dead node,
     * the place of a cached event or a total.
     */
    static final byte NEWS_TO_ORIGIN = (byte) 0x80;

    /**
     * Version, origin and the origin's sequence: what makes a frame one of a kind.
     *
     * @param news whether the origin itself has to read the frame
     */
    public static byte[] header(byte[] node, long sequence, boolean news) {
        return ByteBuffer.allocate(10 + node.length)
                .put(news ? (byte) (VERSION | NEWS_TO_ORIGIN) : VERSION)
                .put((byte) node.length)
                .put(node)
                .putLong(sequence)
                .array();
    }

    void publication(byte[] scope, Publication publication) {
        byte[] message = publication.message();
        boolean kept = publication.keep() != null;
        room(1);
        out.put(kept ? KEPT : PUBLISHED);
        text(scope);
        room(8 + 8 + 8 + 4 + message.length);
        out.putLong(publication.exclude()).putLong(publication.cacheMillis());
        if (kept) {
            out.putLong(publication.number());
        }
        out.putInt(message.length).put(message);
    }

    void control(Control control) {
        switch (control) {
            case Control.TerminateUser(String app, String userId) -> {
                room(1);
                out.put(TERMINATE);
                text(app);
                text(userId);
            }
            case Control.Restart(String requestId) -> {
                room(1);
                out.put(RESTART);
                text(requestId);
            }
        }
    }

    int size() {
        return out.position();
    }

    /** What was written since the last call. */
    byte[] take() {
        byte[] bytes = Arrays.copyOf(out.array(), out.position());
        out.clear();
        return bytes;
    }

    private void text(String text) {
        text(Keyspace.bytes(text));
    }

    /** Two bytes of length; from {@link #LONG} on that number, and four. */
    private void text(byte[] bytes) {
        room(6 + bytes.length);
        if (bytes.length < LONG) {
            out.putShort((short) bytes.length);
        } else {
            out.putShort((short) LONG).putInt(bytes.length);
        }
        out.put(bytes);
    }

    private void room(int bytes) {
        if (out.remaining() < bytes) {
            int size = Math.max(out.capacity() * 2, out.position() + bytes);
            out = ByteBuffer.allocate(size).put(out.flip());
        }
    }
}
