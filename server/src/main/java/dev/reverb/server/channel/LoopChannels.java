package dev.reverb.server.channel;

import dev.reverb.server.metrics.LoopMeters;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.internal.PlatformDependent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The inbox of one event loop, and the fan-out on it.
 *
 * <p>Any thread puts deliveries and joins into the inbox; the first one that finds it idle schedules a batch, so a loop
 * is woken once however much arrives. The batch takes what is there, joins all messages that wait for the same channel
 * into one buffer, hands every subscriber that buffer in one write, and flushes each connection once: at once where the
 * batch can have nothing more for it, at the batch's end otherwise. Under load this divides the system calls by the
 * number of messages that wait; on a calm server it adds nothing, since the batch runs at the end of the loop turn that
 * filled the inbox.
 */
public final class LoopChannels implements Runnable {

    /** Bytes that messages are merged up to; longer runs become several buffers. */
    private static final int MERGE_LIMIT = 128 * 1024;
    /** Inbox items after which a batch lets the loop do I/O. */
    private static final int BATCH_LIMIT = 4096;

    private final EventLoop loop;
    private final ByteBufAllocator allocator;
    private final LoopMeters meters;
    private final boolean listened;
    private final Queue<Object> inbox = PlatformDependent.newMpscQueue();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final AtomicLong backlog = new AtomicLong();

    private final List<LoopChannel> touched = new ArrayList<>();
    private final List<Recipient> dirty = new ArrayList<>();
    private final ExcludedSockets excluded = new ExcludedSockets();
    private @Nullable LoopChannel loudest;
    private long loudestBytes;
    private volatile long written;

    /**
     * @param loop the loop that owns this
     * @param listened whether a listener is called for each message sent
     */
    public LoopChannels(EventLoop loop, ByteBufAllocator allocator, LoopMeters meters, boolean listened) {
        this.loop = loop;
        this.allocator = allocator;
        this.meters = meters;
        this.listened = listened;
    }

    /** The loop that owns this. */
    public EventLoop eventLoop() {
        return loop;
    }

    /** Bytes of messages in the inbox and in the batch that is being sent; any thread. */
    public long backlogBytes() {
        return backlog.get();
    }

    /** Bytes of messages that were written to connections, ever; any thread. */
    public long writtenBytes() {
        return written;
    }

    /** Whether this connection's loop wants {@link Recipient#sent} called. */
    boolean listened() {
        return listened;
    }

    void deliver(Delivery delivery) {
        backlog.addAndGet(delivery.message().length);
        put(delivery);
    }

    void join(Join join) {
        put(join);
    }

    /** Runs {@code task} on the loop behind all that was delivered before, ahead of all after it. Any thread. */
    public void inOrder(Runnable task) {
        put(task);
    }

    private void put(Object item) {
        inbox.add(item);
        schedule();
    }

    private void schedule() {
        if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
            var _ = submit(this);
        }
    }

    /** Runs {@code task} on the loop, what it throws is counted; false when the loop has ended. Any thread. */
    public boolean execute(Runnable task) {
        return submit(() -> guarded(task));
    }

    /** Runs {@code task} on the loop after {@code delay}; never when the loop has ended. Any thread. */
    void later(Runnable task, Duration delay) {
        try {
            var _ = loop.schedule(() -> guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException ended) {
            // the server closes
        }
    }

    private boolean submit(Runnable task) {
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException ended) {
            return false; // the server closes, this loop before the one that asks
        }
    }

    /** Runs {@code recipient}'s flush at the end of the running batch, or of one scheduled now. Loop thread. */
    public void flushLater(Recipient recipient) {
        if (recipient.markDirty()) {
            dirty.add(recipient);
            schedule();
        }
    }

    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (Throwable fault) {
            meters.fault("a task", fault);
        }
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

    @Override
    public void run() {
        scheduled.set(false);
        long bytes = 0;
        int items = 0;
        try {
            Object item;
            while (items < BATCH_LIMIT && (item = inbox.poll()) != null) {
                items++;
                if (item instanceof Delivery delivery) {
                    bytes += delivery.message().length;
                    LoopChannel part = delivery.part();
                    if (part.pendingSize == 0) {
                        touched.add(part);
                    }
                    part.addPending(delivery);
                } else if (item instanceof Join join) {
                    begin(join);
                } else if (item instanceof Runnable task) {
                    sendTouched(false);
                    guarded(task);
                }
            }
            sendTouched(touched.size() == 1 && dirty.isEmpty());
            flushDirty();
        } catch (Throwable fault) {
            meters.fault("a batch", fault);
        } finally {
            // whatever happened: a count that stays too high would hold up publishers of every node for ever
            if (bytes > 0) {
                wrote(bytes);
                backlog.addAndGet(-bytes); // now, as a batch for thousands takes its time
            }
            if (items == BATCH_LIMIT || !dirty.isEmpty()) {
                schedule();
            }
        }
    }

    private void sendTouched(boolean flush) {
        for (int i = 0; i < touched.size(); i++) {
            send(touched.get(i), flush);
        }
        touched.clear();
    }

    private void flushDirty() {
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

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private void wrote(long bytes) {
        written += bytes;
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

    private void begin(Join join) {
        LoopChannel part = join.part();
        if (part.pendingSize > 0) {
            send(part, false);
        }
        Subscription subscription = join.subscription();
        if (subscription.ended) {
            return;
        }
        try {
            greet(subscription, part, join.greeting());
        } catch (Throwable fault) {
            abort(subscription.recipient, fault);
        }
    }

    private void greet(Subscription subscription, LoopChannel part, byte[][] greeting) {
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

    /** Sends all that waits for {@code part}; with {@code flush}, flushes each connection as it goes. */
    private void send(LoopChannel part, boolean flush) {
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

    private void send(LoopChannel part, int from, int to, int size, boolean flush) {
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

    private void send(Recipient recipient, ByteBuf frames, boolean flush) {
        try {
            recipient.write(frames);
            if (flush || !recipient.hasSeveralChannels()) { // now, while all of it is in the processor's cache
                recipient.flush();
            } else if (recipient.markDirty()) {
                dirty.add(recipient);
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
            if (recipient.markDirty()) {
                dirty.add(recipient);
            }
        } catch (Throwable fault) {
            abort(recipient, fault);
        }
    }
}
