package dev.reverb.server.transport.loop;

import dev.reverb.server.channel.LoopChannels;
import dev.reverb.server.metrics.LoopMeters;
import dev.reverb.server.protocol.PreviousSecretUse;
import dev.reverb.server.protocol.Signers;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What the handlers of one loop share. Loop thread only, unless a method says otherwise. */
public final class LoopContext {

    private static final int SCRATCH = 16 * 1024;

    private final EventLoop loop;
    private final LoopChannels channels;
    private final LoopMeters meters;
    private final TimerWheel wheel;
    private final Signers signers;
    private final TurnBudget turn;
    private final TurnReads reads;
    private final List<Runnable> onTick = new ArrayList<>(1);
    private final byte[] scratch = new byte[SCRATCH];
    private long nextTickNanos;
    private volatile long tickedNanos = System.nanoTime();

    /** Makes the context of {@code loop}; {@link #start} starts its tick. */
    public LoopContext(EventLoop loop, LoopChannels channels, LoopMeters meters, PreviousSecretUse previousSecrets) {
        signers = new Signers(previousSecrets);
        this.loop = loop;
        this.channels = channels;
        this.meters = meters;
        turn = EventLoops.turn(loop);
        reads = new TurnReads(turn);
        wheel = new TimerWheel(fault -> meters.fault("a time-out", fault));
    }

    /** Runs {@code task} in every tick, behind the time-outs; before {@link #start}. */
    public void onTick(Runnable task) {
        onTick.add(task);
    }

    /**
     * Starts the tick; any thread, once. Ticks that a stalled machine missed are not made up for: peers would be
     * closed for silence that was this process's.
     */
    public void start() {
        nextTickNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TimerWheel.TICK_MILLIS);
        var _ = loop.scheduleWithFixedDelay(this::tick, TimerWheel.TICK_MILLIS, TimerWheel.TICK_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    /** Nothing that one of its parts does wrong may end the tick: Netty would not call it again, and say nothing. */
    private void tick() {
        long now = System.nanoTime();
        meters.lag(Math.max(0, now - nextTickNanos));
        nextTickNanos = now + TimeUnit.MILLISECONDS.toNanos(TimerWheel.TICK_MILLIS);
        tickedNanos = now;
        guarded("a time-out", wheel::tick);
        for (Runnable task : onTick) {
            guarded("a task of the tick", task);
        }
    }

    private void guarded(String what, Runnable task) {
        try {
            task.run();
        } catch (Throwable fault) {
            meters.fault(what, fault);
        }
    }

    /** When it ticked last, or was made, by {@code System.nanoTime}. Any thread. */
    public long tickedNanos() {
        return tickedNanos;
    }

    /** The loop. Any thread. */
    public EventLoop eventLoop() {
        return loop;
    }

    /** Runs {@code task} on the loop; false when the loop has ended, and its connections with it. Any thread. */
    public boolean execute(Runnable task) {
        return channels.execute(task);
    }

    /** Its channels. Any thread. */
    public LoopChannels channels() {
        return channels;
    }

    /** Its counters. Any thread may read them. */
    public LoopMeters meters() {
        return meters;
    }

    /** Its time-outs. */
    public TimerWheel wheel() {
        return wheel;
    }

    /** What it does in a turn for peers that send faster than it serves. */
    public TurnBudget turn() {
        return turn;
    }

    /** Sizes of what it reads. */
    public RecvByteBufAllocator reads() {
        return reads;
    }

    /** Its signers. */
    public Signers signers() {
        return signers;
    }

    /** The readable bytes of {@code buffer}, from index 0 of an array that the next call overwrites. */
    public byte[] bytes(ByteBuf buffer) {
        int length = buffer.readableBytes();
        byte[] target = scratch;
        if (length > target.length) {
            target = new byte[length]; // large messages are rare; keeping their array would be forever
        }
        buffer.getBytes(buffer.readerIndex(), target, 0, length);
        return target;
    }
}
