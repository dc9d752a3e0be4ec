package dev.reverb.server.cluster.redis.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.Control;
import dev.reverb.server.cluster.Member;
import dev.reverb.server.cluster.Publication;
import dev.reverb.server.cluster.redis.base.Keyspace;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads what {@link FrameWriter} and {@code write.lua} write. Not shared between threads. */
final class FrameReader {

    private final byte[] bytes;
    private final ByteBuffer in;
    private final int start;
    private final String origin;
    private final long sequence;
    private final int headerLength;
    private final boolean news;

    private FrameReader(byte[] bytes, int offset) {
        this.bytes = bytes;
        in = ByteBuffer.wrap(bytes, offset, bytes.length - offset);
        start = offset;
        news = (in.get() & FrameWriter.NEWS_TO_ORIGIN) != 0;
        origin = string(in.get() & 0xff);
        sequence = in.getLong();
        headerLength = in.position() - start;
    }

    /** A reader of the frame that starts at {@code offset}; null when it is of a version unknown here. */
    static @Nullable FrameReader of(byte[] bytes, int offset) {
        if (bytes.length <= offset || (bytes[offset] & ~FrameWriter.NEWS_TO_ORIGIN) != FrameWriter.VERSION) {
            return null;
        }
        return new FrameReader(bytes, offset);
    }

    /** The node that wrote it. */
    String origin() {
        return origin;
    }

    /** Whether its origin has to read it too. */
    boolean newsToOrigin() {
        return news;
    }

    /** Its place among all frames of that node in this partition. */
    long sequence() {
        return sequence;
    }

    /** The frame's first bytes, which no other frame has. */
    byte[] identity() {
        return Arrays.copyOfRange(bytes, start, start + headerLength);
    }

    /** The next entry, null at the end. */
    @Nullable
    Entry next() {
        if (!in.hasRemaining()) {
            return null;
        }
        byte type = in.get();
        return switch (type) {
            case FrameWriter.PUBLISHED -> {
                String scope = string(in.getShort() & 0xffff);
                long exclude = in.getLong();
                long cacheMillis = in.getLong();
                byte[] message = take(in.getInt());
                yield new Entry.Published(new Publication(Keyspace.channel(scope), message, exclude, cacheMillis));
            }
            case FrameWriter.JOINED -> {
                String owner = string(in.get() & 0xff);
                String scope = string(in.getShort() & 0xffff);
                String user = string(in.getShort() & 0xffff);
                byte[] data = take(in.getInt());
                yield new Entry.Joined(Keyspace.channel(scope), new Member(owner, user, data));
            }
            case FrameWriter.LEFT -> {
                String owner = string(in.get() & 0xff);
                String scope = string(in.getShort() & 0xffff);
                String user = string(in.getShort() & 0xffff);
                yield new Entry.Left(Keyspace.channel(scope), owner, user);
            }
            case FrameWriter.TERMINATE -> {
                String app = string(in.getShort() & 0xffff);
                String user = string(in.getShort() & 0xffff);
                yield new Entry.Requested(new Control.TerminateUser(app, user));
            }
            case FrameWriter.RESTART -> {
                String request = string(in.getShort() & 0xffff);
                yield new Entry.Requested(new Control.Restart(request));
            }
            default -> throw new IllegalStateException("log entry of unknown type " + type);
        };
    }

    private byte[] take(int length) {
        byte[] copy = new byte[length];
        in.get(copy);
        return copy;
    }

    private String string(int length) {
        String text = new String(bytes, in.position(), length, UTF_8);
        in.position(in.position() + length);
        return text;
    }
}
