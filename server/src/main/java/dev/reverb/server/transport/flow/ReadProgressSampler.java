package dev.reverb.server.transport.flow;

import dev.reverb.server.channel.LoopChannels;
import dev.reverb.server.channel.Recipient;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How much of what was written clients have not read. A socket takes megabytes that nobody reads, in this kernel, in a
 * proxy's and in the client's, so what a server has written tells nothing. While much is sent to many, a panel of the
 * subscribers of the loudest channel gets pings (RFC 6455, 5.5.2), each behind the messages before it; the answer tells
 * that they were read. The panel's median is what counts: few slow clients change nothing. Nothing is sent, and nothing
 * kept, while a loop has no loud channel. Loop thread only, unless a method says otherwise.
 */
public final class ReadProgressSampler {

    private static final int PANEL = 32;
    /** Fewer clients say nothing about the others. */
    private static final int QUORUM = PANEL / 2;
    /** A batch for one channel is loud from so many bytes to so many receivers on. */
    private static final long LOUD_BYTES = 256 * 1024;
    private static final int LOUD_RECEIVERS = 2 * PANEL;

    private static final long LOOK_MILLIS = 20;
    /** Pings to one client come no faster. */
    private static final long PING_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    /** A seat goes to another subscriber so often, in looks. */
    private static final int ROTATION = 5;
    /** No line that is idle takes longer. */
    private static final long LONGEST_LINE = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long QUIET = TimeUnit.SECONDS.toNanos(1);
    /** A panel that does not read though nothing is sent does not answer: for a while nobody is asked. */
    private static final long STUBBORN = TimeUnit.SECONDS.toNanos(5);
    private static final long UNASKED = TimeUnit.SECONDS.toNanos(30);

    private static final class Seat {
        @Nullable
        ProbedClient client;
        boolean waiting;
        int number;
        long pingedAt;
        /** What was written when it was pinged; and what is known to be read. */
        long asked;
        long read;
        /** How long its last answer took; 0 before the first. */
        long took;
    }

    private final LoopChannels channels;
    private final Consumer<Throwable> faults;
    private final Seat[] seats = new Seat[PANEL];
    private boolean looking;
    private int looks;
    private int number;
    private long loudAt;
    private long askAgainAt = System.nanoTime();
    private volatile long lineNanos = LONGEST_LINE;
    /** As {@link LoopChannels#writtenBytes}; -1 while nobody is asked. */
    private volatile long read = -1;

    /**
     * Samples the clients of {@code channels}' loop.
     *
     * @param faults receives what went wrong while sampling
     */
    public ReadProgressSampler(LoopChannels channels, Consumer<Throwable> faults) {
        this.channels = channels;
        this.faults = faults;
        Arrays.setAll(seats, i -> new Seat());
    }

    /** Bytes of messages that were written and, as far as is known, not read; 0 while nobody is asked. Any thread. */
    public long unread() {
        long known = read;
        return known < 0 ? 0 : Math.max(0, channels.writtenBytes() - known);
    }

    /** The shortest that the panel's median took to answer. Any thread. */
    public long lineNanos() {
        return lineNanos;
    }

    /** Begins to look when there is something to see. */
    public void tick() {
        if (!looking && System.nanoTime() - askAgainAt >= 0) {
            List<Recipient> audience = audience();
            if (!audience.isEmpty()) {
                looking = true;
                guarded(audience);
            }
        }
    }

    private List<Recipient> audience() {
        return channels.audience(LOUD_BYTES, LOUD_RECEIVERS, PANEL);
    }

    /** What fails ends the sampling, and with it what holds up publishers; a later tick begins anew. */
    private void guarded(List<Recipient> audience) {
        try {
            look(audience);
        } catch (Throwable fault) {
            faults.accept(fault);
            end();
        }
    }

    private void look(List<Recipient> audience) {
        long now = System.nanoTime();
        if (!audience.isEmpty()) {
            loudAt = now;
        }
        looks++;
        for (int i = 0; i < PANEL; i++) {
            Seat seat = seats[i];
            boolean empty = seat.client == null || !seat.client.open();
            boolean due = looks % (ROTATION * PANEL) == i * ROTATION && !seat.waiting && !audience.isEmpty();
            if (empty || due) {
                take(seat, audience.isEmpty() ? null : audience.get(i));
            }
            if (seat.client != null && !seat.waiting && now - seat.pingedAt >= PING_NANOS) {
                seat.number = ++number;
                seat.pingedAt = now;
                seat.asked = channels.writtenBytes();
                seat.waiting = true;
                seat.client.probe(seat.number);
            }
        }
        weigh();
        boolean quiet = now - loudAt > QUIET;
        if (quiet && unread() == 0) {
            end();
        } else if (now - loudAt > STUBBORN) {
            askAgainAt = now + UNASKED;
            end();
        } else {
            var _ = channels.eventLoop().schedule(() -> guarded(audience()), LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Whoever takes a seat owes nothing yet. */
    private void take(Seat seat, @Nullable Recipient recipient) {
        seat.client = recipient instanceof ProbedClient probed ? probed : null;
        seat.waiting = false;
        seat.read = channels.writtenBytes();
        seat.took = 0;
        seat.pingedAt = System.nanoTime() - PING_NANOS;
    }

    private void weigh() {
        long[] positions = new long[PANEL];
        long[] times = new long[PANEL];
        int present = 0;
        int answered = 0;
        for (Seat seat : seats) {
            if (seat.client != null) {
                positions[present++] = seat.read;
                if (seat.took > 0) {
                    times[answered++] = seat.took;
                }
            }
        }
        Arrays.sort(positions, 0, present);
        Arrays.sort(times, 0, answered);
        read = present < QUORUM ? -1 : positions[present / 2];
        if (answered >= QUORUM) {
            lineNanos = Math.min(lineNanos, times[answered / 2]);
        }
    }

    private void end() {
        looking = false;
        read = -1;
        for (Seat seat : seats) {
            take(seat, null);
        }
    }

    /** {@code client} answers a ping that had a payload. */
    public void answered(ProbedClient client, ByteBuf payload) {
        if (payload.readableBytes() != Integer.BYTES) {
            return;
        }
        int answered = payload.getInt(payload.readerIndex());
        for (Seat seat : seats) {
            if (seat.waiting && seat.number == answered && seat.client != null
                    && seat.client.socketId() == client.socketId()) {
                seat.waiting = false;
                seat.read = seat.asked;
                seat.took = System.nanoTime() - seat.pingedAt;
            }
        }
        weigh();
    }
}
