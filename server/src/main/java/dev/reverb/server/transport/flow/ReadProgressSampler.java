package dev.reverb.server.transport.flow;

import dev.reverb.server.channel.Audience;
import dev.reverb.server.channel.LoopChannels;
import dev.reverb.server.channel.Recipient;
import dev.reverb.server.cluster.message.ChannelId;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How much of what was written clients have not read. A socket takes megabytes that nobody reads, in this kernel, in a
 * proxy's and in the client's, so what a server has written is no measure. While much is sent to many, a panel of the
 * subscribers of the busiest channel gets pings (RFC 6455, 5.5.2), each behind the messages before it; the answer shows
 * that they were read. The panel's median is what counts: few slow clients change nothing. What is unread
 * is its channel's and no other's, and counts for {@link #UNANSWERED} at most. Nothing is sent, and nothing
 * kept, while a loop has no busy channel. Loop thread only, unless a method says otherwise.
 */
public final class ReadProgressSampler {

    private static final int PANEL = 32;
    /** Fewer clients say nothing about the others. */
    private static final int QUORUM = PANEL / 2;
    /** A channel is busy from a batch of so many bytes to so many receivers on. */
    private static final long BUSY_BYTES = 256 * 1024;
    private static final int BUSY_RECEIVERS = 2 * PANEL;

    private static final long LOOK_MILLIS = 20;
    /** Pings to one client come no faster. */
    private static final long PING_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    /** A seat goes to another subscriber so often, in looks. */
    private static final int ROTATION = 5;
    /** No line that is idle takes longer. */
    private static final long LONGEST_LINE = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long QUIET = TimeUnit.SECONDS.toNanos(1);
    /** A panel that does not read though nothing is sent does not answer: for a while nobody is asked. */
    private static final long UNANSWERED = TimeUnit.SECONDS.toNanos(5);
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
        /** The channel that it was taken for. */
        @Nullable
        ChannelId channel;
    }

    private final LoopChannels channels;
    private final Consumer<Throwable> faults;
    private final Seat[] seats = new Seat[PANEL];
    private boolean looking;
    private int looks;
    private int number;
    private long loudAt;
    private long askAgainAt = System.nanoTime();
    /** What was written at the last moment that the panel is known to have read up to; and when that became known. */
    private long checkpoint;
    private long checkpointAt;
    /** Channels of at least a quarter of the seats, whose clients have not read what was written. */
    private volatile Set<ChannelId> unreadChannels = Set.of();
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

    /** Whether clients of a channel that matches are those who have not read. Any thread. */
    public boolean unreadIn(Predicate<ChannelId> channels) {
        for (ChannelId channel : unreadChannels) {
            if (channels.test(channel)) {
                return true;
            }
        }
        return false;
    }

    /** The shortest that the panel's median took to answer. Any thread. */
    public long lineNanos() {
        return lineNanos;
    }

    /** Begins to look when there is something to see. */
    public void tick() {
        if (!looking && System.nanoTime() - askAgainAt >= 0) {
            Audience audience = audience();
            if (!audience.some().isEmpty()) {
                looking = true;
                checkpoint = channels.writtenBytes();
                checkpointAt = System.nanoTime();
                guarded(audience);
            }
        }
    }

    private Audience audience() {
        return channels.fanOut().audience(BUSY_BYTES, BUSY_RECEIVERS, PANEL);
    }

    /** What fails ends the sampling, and with it what holds up publishers; a later tick begins anew. */
    private void guarded(Audience audience) {
        try {
            look(audience);
        } catch (Throwable fault) {
            faults.accept(fault);
            end();
        }
    }

    private void look(Audience audience) {
        long now = System.nanoTime();
        if (!audience.some().isEmpty()) {
            loudAt = now;
        }
        looks++;
        for (int i = 0; i < PANEL; i++) {
            Seat seat = seats[i];
            boolean empty = seat.client == null || !seat.client.open();
            boolean due = looks % (ROTATION * PANEL) == i * ROTATION && !seat.waiting && !audience.some().isEmpty();
            if (empty || due) {
                take(seat, audience.some().isEmpty() ? null : audience.some().get(i), audience.channel());
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
        blame();
        boolean quiet = now - loudAt > QUIET;
        if (quiet && unread() == 0) {
            end();
        } else if (stubborn(now)) {
            askAgainAt = now + UNASKED;
            end();
        } else {
            var _ = channels.eventLoop().schedule(() -> guarded(audience()), LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /**
     * Whether the panel has not read, for too long, what was written meanwhile, however much more is sent: clients
     * choose what they answer, and must not hold up other nodes' publishers with it.
     */
    private boolean stubborn(long now) {
        if (read >= checkpoint || read < 0) {
            checkpoint = channels.writtenBytes();
            checkpointAt = now;
        }
        return now - checkpointAt > UNANSWERED;
    }

    private void blame() {
        if (unread() == 0) {
            unreadChannels = Set.of();
            return;
        }
        Map<ChannelId, Integer> waiting = new HashMap<>();
        for (Seat seat : seats) {
            if (seat.client != null && seat.channel != null && seat.waiting) {
                waiting.merge(seat.channel, 1, Integer::sum);
            }
        }
        waiting.values().removeIf(seatsOfOne -> seatsOfOne < PANEL / 4);
        unreadChannels = Set.copyOf(waiting.keySet());
    }

    /** Who takes a seat has no ping to answer yet. */
    private void take(Seat seat, @Nullable Recipient recipient, @Nullable ChannelId channel) {
        seat.client = recipient instanceof ProbedClient probed ? probed : null;
        seat.channel = channel;
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
        unreadChannels = Set.of();
        for (Seat seat : seats) {
            take(seat, null, null);
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
