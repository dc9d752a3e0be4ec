package dev.reverb.server.channel;

import dev.reverb.server.metrics.LoopMeters;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Writes what one loop's inbox has for its connections: all messages that wait for the same channel as one buffer,
 * which every subscriber is handed in one write. Loop thread only.
 */
public final class FanOut {

    /** Bytes that messages are merged up to; longer runs become several buffers. */
    private static final int MERGE_LIMIT = 128 * 1024;

    /** When what is written to connections is flushed. */
    enum Flush {
        /** As it is written. */
        AT_ONCE,
        /** As it is written to a connection that has no other channel, while all of it is in the processor's cache. */
        IF_ALONE,
        /** At the end of the batch: more comes for the same connections. */
        LATER
    }

    private final ByteBufAllocator allocator;
    private final LoopMeters meters;
    private final boolean listened;
    private final List<Recipient> dirty = new ArrayList<>();
    private final ExcludedSockets excluded = new ExcludedSockets();
    private @Nullable LoopChannel loudest;
    private long loudestBytes;

    /** @param listened whether a listener is called for each message sent */
    FanOut(ByteBufAllocator allocator, LoopMeters meters, boolean listened) {
        this.allocator = allocator;
        this.meters = meters;
        this.listened = listened;
    }

    /** {@link #flush} includes {@code recipient}; false where it does already. */
    boolean flushLater(Recipient recipient) {
        return recipient.markDirty() && dirty.add(recipient);
    }

    /** Whether nothing waits for {@link #flush}. */
    boolean flushed() {
        return dirty.isEmpty();
    }

    /** Flushes what was left to the end of the batch. */
    void flush() {
        for (int i = 0; i < dirty.size(); i++) {
            Recipient recipient = dirty.get(i);
            try {
                recipient.flush();
            } catch (Throwable fault) {
                abort(recipient, fault);
            }
        }
        dirty.clear();
    }

    /**
     * Some subscribers, at random and at most {@code number}, of the channel that was sent the largest batch since the
     * last call; none when fewer than {@code bytes} were sent in it, or to fewer than {@code receivers}. Loop thread.
     */
    public Audience audience(long bytes, int receivers, int number) {
        LoopChannel part = loudest;
        long sent = loudestBytes;
        loudest = null;
        loudestBytes = 0;
        if (part == null || sent < bytes || part.size < receivers) {
            return Audience.NONE;
        }
        List<Recipient> some = new ArrayList<>(number);
        ThreadLocalRandom random = ThreadLocalRandom.current();
        for (int i = 0; i < number; i++) {
            some.add(part.recipients[random.nextInt(part.size)]);
        }
        return new Audience(part.channel.id, some);
    }

    /** Begins {@code subscription} with what it receives first. */
    void greet(Subscription subscription, LoopChannel part, byte[][] greeting) {
        try {
            write(subscription, part, greeting);
        } catch (Throwable fault) {
            abort(subscription.recipient, fault);
        }
    }

    private void write(Subscription subscription, LoopChannel part, byte[][] greeting) {
        if (!subscription.active()) {
            part.add(subscription);
        }
        int size = 0;
        for (byte[] message : greeting) {
            size += Frames.size(message.length);
        }
        ByteBuf frames = allocator.directBuffer(size, size);
        for (byte[] message : greeting) {
            Frames.text(frames, message);
            if (listened) {
                subscription.recipient.sent(message);
            }
        }
        meters.sent(greeting.length, size);
        part.channel.app.messages().sent(greeting.length);
        subscription.recipient.greet(frames);
        flushLater(subscription.recipient);
    }

    /** Ends a connection that may have missed a message, so that its client connects again. */
    private void abort(Recipient recipient, Throwable fault) {
        meters.fault("a write to a connection", fault);
        try {
            recipient.abort();
        } catch (Throwable again) {
            meters.fault("closing a connection", again);
        }
    }

    /** Sends all that waits for {@code part}. */
    void send(LoopChannel part, Flush flush) {
        try {
            int from = 0;
            while (from < part.pendingSize) {
                int size = 0;
                int to = from;
                do {
                    size += Frames.size(part.pending[to].message().length);
                    to++;
                } while (to < part.pendingSize && size + part.pending[to].message().length < MERGE_LIMIT);
                send(part, from, to, size, flush);
                from = to;
            }
        } catch (Throwable fault) { // no memory for the frames, for example: nobody got them
            for (int i = part.size - 1; i >= 0; i--) {
                abort(part.recipients[i], fault);
            }
        } finally {
            part.clearPending();
        }
    }

    private void send(LoopChannel part, int from, int to, int size, Flush flush) {
        int count = part.size;
        if (count == 0) {
            return;
        }
        excluded.clear();
        ByteBuf frames = allocator.directBuffer(size, size);
        for (int i = from; i < to; i++) {
            Delivery delivery = part.pending[i];
            Frames.text(frames, delivery.message());
            if (delivery.exclude() != 0) {
                excluded.add(delivery.exclude());
            }
        }
        if ((long) size * count > loudestBytes) {
            loudestBytes = (long) size * count;
            loudest = part;
        }
        int messages = to - from;
        int whole = 0;
        // one reference per write, taken at once; a connection that is left out gives its reference back
        frames.retain(count);
        int left = count;
        try {
            // backwards: a connection that is closed while it is written to leaves the array by a swap with the last
            // place
            for (int i = count - 1; i >= 0; i--) {
                Recipient recipient = part.recipients[i];
                left--;
                if (excluded.contains(recipient.socketId())) {
                    frames.release();
                    sendWithout(part, from, to, recipient);
                    continue;
                }
                whole++;
                send(recipient, frames.duplicate(), flush);
                if (listened) {
                    for (int m = from; m < to; m++) {
                        recipient.sent(part.pending[m].message());
                    }
                }
            }
        } finally {
            frames.release(1 + left);
        }
        meters.sent((long) whole * messages, (long) whole * size);
        part.channel.app.messages().sent((long) whole * messages);
        long now = System.nanoTime();
        for (int i = from; i < to; i++) {
            meters.fanOut(now - part.pending[i].startNanos());
        }
    }

    private void send(Recipient recipient, ByteBuf frames, Flush flush) {
        try {
            recipient.write(frames);
            if (flush == Flush.AT_ONCE || (flush == Flush.IF_ALONE && !recipient.hasSeveralChannels())) {
                recipient.flush();
            } else {
                flushLater(recipient);
            }
        } catch (Throwable fault) {
            abort(recipient, fault);
        }
    }

    private void sendWithout(LoopChannel part, int from, int to, Recipient recipient) {
        int size = 0;
        int messages = 0;
        long socketId = recipient.socketId();
        for (int i = from; i < to; i++) {
            if (part.pending[i].exclude() != socketId) {
                size += Frames.size(part.pending[i].message().length);
                messages++;
            }
        }
        if (messages == 0) {
            return;
        }
        try {
            ByteBuf frames = allocator.directBuffer(size, size);
            for (int i = from; i < to; i++) {
                Delivery delivery = part.pending[i];
                if (delivery.exclude() != socketId) {
                    Frames.text(frames, delivery.message());
                    if (listened) {
                        recipient.sent(delivery.message());
                    }
                }
            }
            meters.sent(messages, size);
            part.channel.app.messages().sent(messages);
            recipient.write(frames);
            flushLater(recipient);
        } catch (Throwable fault) {
            abort(recipient, fault);
        }
    }
}
