package dev.reverb.server.channel;

import io.netty.buffer.ByteBuf;

/** A connection as channels see it. All methods run on the loop that owns it. */
public interface Recipient {

    /** Its packed id ({@code SocketId}). */
    long socketId();

    /** The loop that owns it. */
    LoopChannels loop();

    /** Writes complete frames, which become its own, and leaves them unflushed. */
    void write(ByteBuf frames);

    /**
     * Writes the complete frames of a greeting, which become its own: as {@link #write}, but they may be more than what
     * else may wait for a reader, since a channel with many members begins with all of them.
     */
    default void greet(ByteBuf frames) {
        write(frames);
    }

    /** {@code subscription} cannot begin: the channel turned out to have as many members as it may have. */
    default void refused(Subscription subscription) {}

    /** A history was read for it, {@code bytes} of messages, and nothing of that waits for its loop any longer. */
    default void historyRead(long bytes) {}

    /** Flushes what was written; closes the connection when it has fallen too far behind. */
    void flush();

    /** Closes the connection because something that it should have received could not be written. */
    void abort();

    /** Sets the mark that says that it waits for a flush; true when it was not set. */
    boolean markDirty();

    /** Whether it is subscribed to more than one channel, so that a batch may have more for it. */
    boolean hasSeveralChannels();

    /** Called with each message that it was sent, when there is a listener. */
    void sent(byte[] message);
}
