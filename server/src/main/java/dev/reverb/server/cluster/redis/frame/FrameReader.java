package dev.reverb.server.cluster.redis.frame;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.base.Keyspace;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads what {@link FrameWriter} and {@code write.lua} write. Not shared between threads. */
public final class FrameReader {

    private final byte[] bytes;
    private final ByteBuffer in;
    private final int start;
    private final String origin;
    private final long sequence;
    private final int headerLength;
    private final boolean news;
    private int kept;

    private FrameReader(byte[] bytes, int offset) throws MalformedFrameException {
        this.bytes = bytes;
        in = ByteBuffer.wrap(bytes, offset, bytes.length - offset);
        start = offset;
        news = (in.get() & FrameWriter.NEWS_TO_ORIGIN) != 0;
        try {
            origin = string(in.get() & 0xff);
            sequence = in.getLong();
        } catch (BufferUnderflowException e) {
            throw new MalformedFrameException("its header is cut off");
        }
        headerLength = in.position() - start;
    }

    /**
     * A reader of the frame that starts at {@code offset}.
     *
     * @return null when it is of a version unknown here
     * @throws MalformedFrameException when there is no header
     */
    public static @Nullable FrameReader of(byte[] bytes, int offset) throws MalformedFrameException {
        if (bytes.length <= offset) {
            throw new MalformedFrameException("it is empty");
        }
        if ((bytes[offset] & ~FrameWriter.NEWS_TO_ORIGIN) != FrameWriter.VERSION) {
            return null;
        }
        return new FrameReader(bytes, offset);
    }

    /** The node that wrote it. */
    public String origin() {
        return origin;
    }

    /** Whether its origin has to read it too. */
    public boolean newsToOrigin() {
        return news;
    }

    /** Its place among all frames of that node in this partition. */
    public long sequence() {
        return sequence;
    }

    /** The frame's first bytes, which no other frame has. */
    public byte[] identity() {
        return Arrays.copyOfRange(bytes, start, start + headerLength);
    }

    /**
     * The next entry, null at the end.
     *
     * @throws MalformedFrameException when the rest of the frame is none
     */
    @Nullable
    public Entry next() throws MalformedFrameException {
        if (!in.hasRemaining()) {
            return null;
        }
        try {
            return entry();
        } catch (BufferUnderflowException e) {
            throw new MalformedFrameException("an entry is cut off");
        }
    }

    private Entry entry() throws MalformedFrameException {
        byte type = in.get();
        return switch (type) {
            case FrameWriter.PUBLISHED -> {
                ChannelId channel = channel();
                long exclude = in.getLong();
                long cacheMillis = in.getLong();
                byte[] message = take(in.getInt());
                yield new Entry.Published(new Publication(channel, message, exclude, cacheMillis));
            }
            case FrameWriter.KEPT -> {
                ChannelId channel = channel();
                long exclude = in.getLong();
                long cacheMillis = in.getLong();
                long number = in.getLong();
                byte[] message = take(in.getInt());
                yield new Entry.Kept(new Publication(channel, message, exclude, cacheMillis), number, kept++);
            }
            case FrameWriter.JOINED -> {
                String owner = string(in.get() & 0xff);
                ChannelId channel = channel();
                String user = text();
                byte[] data = take(in.getInt());
                yield new Entry.Joined(channel, new Member(owner, user, data));
            }
            case FrameWriter.LEFT -> {
                String owner = string(in.get() & 0xff);
                ChannelId channel = channel();
                String user = text();
                yield new Entry.Left(channel, owner, user);
            }
            case FrameWriter.COUNTED -> {
                ChannelId channel = channel();
                yield new Entry.Counted(channel, in.getInt());
            }
            case FrameWriter.TERMINATE -> {
                String app = text();
                String user = text();
                yield new Entry.Requested(new Control.TerminateUser(app, user));
            }
            case FrameWriter.RESTART -> {
                String request = text();
                yield new Entry.Requested(new Control.Restart(request));
            }
            default -> throw new MalformedFrameException("an entry has the unknown type " + type);
        };
    }

    private ChannelId channel() throws MalformedFrameException {
        String scope = text();
        if (scope.indexOf(':') < 0) {
            throw new MalformedFrameException("a channel has no application");
        }
        return Keyspace.channel(scope);
    }

    private String text() throws MalformedFrameException {
        int length = in.getShort() & 0xffff;
        return string(length < FrameWriter.LONG ? length : in.getInt());
    }

    private byte[] take(int length) throws MalformedFrameException {
        fits(length);
        byte[] copy = new byte[length];
        in.get(copy);
        return copy;
    }

    private String string(int length) throws MalformedFrameException {
        fits(length);
        String text = new String(bytes, in.position(), length, UTF_8);
        in.position(in.position() + length);
        return text;
    }

    /** Before anything of that length is allocated. */
    private void fits(int length) throws MalformedFrameException {
        if (length < 0 || length > in.remaining()) {
            throw new MalformedFrameException("an entry announces " + Integer.toUnsignedString(length) + " bytes, "
                    + in.remaining() + " are there");
        }
    }
}
