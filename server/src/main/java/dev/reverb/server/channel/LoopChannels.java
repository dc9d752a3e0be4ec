package dev.reverb.server.channel;

import dev.reverb.server.metrics.LoopMeters;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.util.internal.PlatformDependent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The inbox of one event loop; what it holds is written by {@link FanOut}.
 *
 * <p>Any thread puts deliveries and joins into the inbox; the first one that finds it idle schedules a batch, so a loop
 * is woken once however much arrives. The batch takes what is there, joins all messages that wait for the same channel
 * into one buffer, hands every subscriber that buffer in one write, and flushes each connection once: at once where the
 * batch can have nothing more for it, at the batch's end otherwise. Under load this divides the system calls by the
 * number of messages that wait; on a calm server it adds nothing, since the batch runs at the end of the loop turn that
 * filled the inbox.
 */
public final class LoopChannels implements Runnable {

    /** Inbox items after which a batch lets the loop do I/O. */
    private static final int BATCH_LIMIT = 4096;
    /** Bytes of greetings after which it does: lists of members may be long, and each is for one connection. */
    public static final int GREETING_LIMIT = 256 * 1024;

    /**
     * A subscription that begins, with what it receives first. It travels through the loop's inbox, so that it receives
     * what comes behind it in the inbox and nothing of what its snapshot already holds.
     */
    record Join(Subscription subscription, LoopChannel part, byte[][] greeting) {

        /** Bytes of the greeting, without frames around them. */
        int bytes() {
            int bytes = 0;
            for (byte[] message : greeting) {
                bytes += message.length;
            }
            return bytes;
        }
    }

    private final EventLoop loop;
    private final LoopMeters meters;
    private final boolean listened;
    private final FanOut fanOut;
    private final Queue<Object> inbox = PlatformDependent.newMpscQueue();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final AtomicLong backlog = new AtomicLong();

    private final List<LoopChannel> touched = new ArrayList<>();
    private long greetingBytes;
    private volatile long written;

    /**
     * @param loop the loop that owns this
     * @param listened whether a listener is called for each message sent
     */
    public LoopChannels(EventLoop loop, ByteBufAllocator allocator, LoopMeters meters, boolean listened) {
        this.loop = loop;
        this.meters = meters;
        this.listened = listened;
        fanOut = new FanOut(allocator, meters, listened);
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
        if (loop.inEventLoop()) {
            greetingBytes += join.bytes();
        }
        put(join);
    }

    /** Bytes of greetings that the loop's thread has put into the inbox since the last call. Loop thread. */
    public long takeGreetingBytes() {
        long bytes = greetingBytes;
        greetingBytes = 0;
        return bytes;
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

    /** Behind the tasks of this turn: what is scheduled among them runs before the loop has done any I/O. */
    private void nextTurn() {
        if (loop instanceof SingleThreadEventLoop turns) {
            turns.executeAfterEventLoopIteration(this::schedule);
        } else {
            schedule();
        }
    }

    /** Runs {@code task} on the loop, what it throws is counted; false when the loop has ended. Any thread. */
    public boolean execute(Runnable task) {
        return submit(() -> guarded(task));
    }

    /** Runs {@code task} on the loop after {@code delay}; never when the loop has ended. Any thread. */
    public void later(Runnable task, Duration delay) {
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
        if (fanOut.flushLater(recipient)) {
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

    @Override
    public void run() {
        scheduled.set(false);
        long bytes = 0;
        int items = 0;
        long greeted = 0;
        try {
            Object item;
            while (items < BATCH_LIMIT && greeted < GREETING_LIMIT && (item = inbox.poll()) != null) {
                items++;
                if (item instanceof Delivery delivery) {
                    bytes += delivery.message().length;
                    LoopChannel part = delivery.part();
                    if (part.pendingSize == 0) {
                        touched.add(part);
                    }
                    part.addPending(delivery);
                } else if (item instanceof Join join) {
                    greeted += join.bytes();
                    begin(join);
                } else if (item instanceof Runnable task) {
                    sendTouched(FanOut.Flush.IF_ALONE);
                    guarded(task);
                }
            }
            sendTouched(touched.size() == 1 && fanOut.flushed() ? FanOut.Flush.AT_ONCE : FanOut.Flush.IF_ALONE);
            fanOut.flush();
        } catch (Throwable fault) {
            meters.fault("a batch", fault);
        } finally {
            // whatever happened: a count that stays too high would hold up publishers of every node for ever
            if (bytes > 0) {
                wrote(bytes);
                backlog.addAndGet(-bytes); // now, as a batch for thousands takes its time
            }
            if (items == BATCH_LIMIT || greeted >= GREETING_LIMIT) {
                nextTurn();
            } else if (!fanOut.flushed()) {
                schedule();
            }
        }
    }

    private void sendTouched(FanOut.Flush flush) {
        for (int i = 0; i < touched.size(); i++) {
            fanOut.send(touched.get(i), flush);
        }
        touched.clear();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private void wrote(long bytes) {
        written += bytes;
    }

    /** What it writes to connections. Loop thread. */
    public FanOut fanOut() {
        return fanOut;
    }

    private void begin(Join join) {
        LoopChannel part = join.part();
        if (part.pendingSize > 0) {
            fanOut.send(part, FanOut.Flush.LATER);
        }
        Subscription subscription = join.subscription();
        if (subscription.ended) {
            return;
        }
        fanOut.greet(subscription, part, join.greeting());
    }
}
