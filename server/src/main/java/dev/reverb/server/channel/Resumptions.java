package dev.reverb.server.channel;

import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.Histories;
import dev.reverb.server.cluster.Histories.Question;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.KeepRule;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.resume.ChannelHistory;
import dev.reverb.server.resume.Gap;
import dev.reverb.server.resume.Replay;
import dev.reverb.server.resume.Replay.Outcome;
import dev.reverb.server.resume.Residue;
import dev.reverb.server.resume.ResumeRequest;
import dev.reverb.server.resume.Seen;
import dev.reverb.server.resume.Token;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Channels that keep their messages: what is published to them is numbered, handed to the cluster and delivered under
 * one lock for each channel, so that the numbers, the log and the subscribers have one order. A client that returns is
 * greeted once the history was read, with what it missed; it is subscribed from that moment on, and what was delivered
 * during the read is part of what it missed. The lock is taken before a channel's monitor, never after it. Channels
 * that keep nothing are not touched.
 */
final class Resumptions {

    private static final int LOCKS = 64;
    /** Bytes of messages that one client is sent at most when it returns. */
    private static final long MOST = 4 << 20;

    private final Supplier<Cluster> cluster;
    private final ReentrantLock[] locks = new ReentrantLock[LOCKS];
    private final AtomicLong numbers = new AtomicLong();
    private final Map<Outcome, LongAdder> outcomes = new EnumMap<>(Outcome.class);

    Resumptions(Supplier<Cluster> cluster) {
        this.cluster = cluster;
        for (int i = 0; i < LOCKS; i++) {
            locks[i] = new ReentrantLock();
        }
        for (Outcome outcome : Outcome.values()) {
            outcomes.put(outcome, new LongAdder());
        }
    }

    /** How often clients that asked for the past got that outcome, by the name that they see. */
    long outcomes(String name) {
        LongAdder count = outcomes.get(Outcome.valueOf(name.toUpperCase(Locale.ROOT)));
        return count == null ? 0 : count.sum();
    }

    private static int lock(ChannelId channel) {
        int hash = channel.hashCode();
        return (hash ^ (hash >>> 16)) & (LOCKS - 1);
    }

    /** Runs {@code task} under the channel's monitor, and under its history lock where it keeps something. */
    void locked(SharedChannel channel, Runnable task) {
        var _ = under(channel, () -> {
            task.run();
            return true;
        });
    }

    /** The same with a result. */
    <T> T under(SharedChannel channel, Supplier<T> task) {
        if (channel.history == null) {
            synchronized (channel) {
                return task.get();
            }
        }
        ReentrantLock lock = locks[lock(channel.id)];
        lock.lock();
        try {
            synchronized (channel) {
                return task.get();
            }
        } finally {
            lock.unlock();
        }
    }

    static boolean keeps(List<Publication> batch) {
        for (int i = 0; i < batch.size(); i++) {
            if (batch.get(i).keep() != null) {
                return true;
            }
        }
        return false;
    }

    /**
     * Numbers what is kept of {@code batch} and runs {@code publish} under the locks of its channels.
     *
     * @return what {@code publish} does
     */
    boolean publish(List<Publication> batch, Predicate<List<Publication>> publish) {
        long needed = 0;
        for (Publication publication : batch) {
            needed |= publication.keep() == null ? 0 : 1L << lock(publication.channel());
        }
        for (int i = 0; i < LOCKS; i++) {
            if ((needed & (1L << i)) != 0) {
                locks[i].lock();
            }
        }
        try {
            List<Publication> numbered = new ArrayList<>(batch.size());
            for (Publication publication : batch) {
                numbered.add(
                        publication.keep() == null ? publication : publication.numbered(numbers.incrementAndGet()));
            }
            return publish.test(numbered);
        } finally {
            for (int i = 0; i < LOCKS; i++) {
                if ((needed & (1L << i)) != 0) {
                    locks[i].unlock();
                }
            }
        }
    }

    /** Runs {@code task} under the history lock of {@code channel}. */
    void locked(ChannelId channel, Runnable task) {
        ReentrantLock lock = locks[lock(channel)];
        lock.lock();
        try {
            task.run();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Delivers what a channel keeps; under its history lock.
     *
     * @param point where it stands; null for one of this node
     */
    void deliver(SharedChannel channel, ChannelHistory history, Publication publication, @Nullable HistoryPoint point,
            long nowNanos) {
        history.delivered(publication, point);
        if (point == null) {
            HistoryPoint placed = cluster.get().histories().placed(publication);
            if (placed != null) {
                history.reached(placed);
            }
        }
        if (channel.app.tail().on()) {
            channel.note(publication.message(), publication.exclude());
        }
        String node = cluster.get().node();
        List<Seen> own = history.seen(node);
        byte @Nullable [] positioned = null;
        boolean over = false;
        for (LoopChannel part : channel.parts) {
            byte[] message = publication.message();
            if (part.residue != null) {
                if (point != null && !part.residue.passes(point)) {
                    continue;
                }
                message = part.residue.token(history.last(), own, history.had(node)).in(message);
                over |= part.residue.over(nowNanos);
            } else if (part.positioned) {
                positioned = positioned == null ? new Token(history.last(), own, history.had(node)).in(message)
                        : positioned;
                message = positioned;
            }
            part.loop.deliver(new Delivery(part, message, publication.exclude(), nowNanos));
        }
        if (over) {
            synchronized (channel) {
                for (LoopChannel part : channel.parts) {
                    if (part.residue != null && part.residue.over(nowNanos)) {
                        join(channel, part);
                    }
                }
            }
        }
    }

    /** Moves the one subscriber of {@code from} to those of its loop; behind what was delivered to it. */
    private static void join(SharedChannel channel, LoopChannel from) {
        Subscription subscription = from.single;
        if (subscription == null || subscription.part != from) {
            return; // it has just ended
        }
        LoopChannel to = channel.register(from.loop, true);
        channel.unregister(from);
        subscription.part = to;
        from.loop.inOrder(() -> {
            if (!subscription.ended && subscription.index >= 0) {
                from.remove(subscription);
                to.add(subscription);
            }
        });
    }

    /** Greets a client that knows of positions, now or when its history was read; under the channel's locks. */
    void begin(SharedChannel channel, Subscription subscription, ResumeRequest request) {
        ChannelHistory history = channel.history;
        if (history == null) {
            greet(channel, subscription, request, Replay.without(Outcome.NO_HISTORY));
            return;
        }
        List<Publication> unwritten = cluster.get().histories().unwritten(channel.id);
        if (!request.reads() || request.refused()) {
            history.before(unwritten);
            greet(channel, subscription, request, Replay
                    .without(history.last() == null || request.refused() ? Outcome.UNAVAILABLE : Outcome.RECOVERED));
            return;
        }
        KeepRule rule = history.rule();
        Token token = request.position() == null ? null : Token.parse(request.position());
        int newest = request.position() == null ? Math.min(request.rewindCount(), rule.count()) : 0;
        Gap gap = history.open(unwritten);
        subscription.reading = true;
        cluster.get()
                .histories()
                .read(channel.id,
                        new Question(rule, token == null ? null : token.point(),
                                token == null ? Map.of() : token.numbers(), history.last(), !unwritten.isEmpty(),
                                newest, token != null),
                        page -> locked(channel, () -> end(channel, history, subscription, request, gap, page)));
    }

    private void end(SharedChannel channel, ChannelHistory history, Subscription subscription, ResumeRequest request,
            Gap gap, Histories.@Nullable Page page) {
        Replay replay = history.close(gap, request, subscription.recipient.socketId(), cluster.get().node(), page,
                System.currentTimeMillis(), MOST);
        if (!subscription.ended) {
            greet(channel, subscription, request, replay);
        }
        long bytes = 0;
        for (Histories.Entry entry : page == null ? List.<Histories.Entry>of() : page.entries()) {
            bytes += entry.message().length;
        }
        long read = bytes;
        subscription.recipient.loop().inOrder(() -> {
            subscription.reading = false;
            subscription.recipient.historyRead(read);
        });
    }

    private void greet(SharedChannel channel, Subscription subscription, ResumeRequest request, Replay replay) {
        LoopChannel part = subscription.part;
        if (part == null) {
            return;
        }
        var _ = outcomes.computeIfPresent(replay.outcome(), (_, count) -> {
            count.increment();
            return count;
        });
        String position = null;
        ChannelHistory history = channel.history;
        if (history != null && history.last() != null) {
            String node = cluster.get().node();
            Token rest = replay.rest().without(node);
            Residue residue = rest.isEmpty() ? null : new Residue(rest, System.nanoTime());
            List<Seen> own = history.seen(node);
            List<Seen> had = history.had(node);
            position = (residue == null ? new Token(history.last(), own, had) : residue.token(history.last(), own, had))
                    .text();
            if (residue != null) {
                LoopChannel single = channel.register(part.loop, residue);
                single.single = subscription;
                channel.unregister(part);
                subscription.part = single;
                part = single;
            }
            if (!replay.messages().isEmpty() && request.position() != null) {
                position = request.position(); // the messages that follow have their own
            }
        }
        byte[][] ordinary = channel.greeting(replay.ordinary(), cluster.get().outbox());
        List<byte[]> greeting = new ArrayList<>(ordinary.length + 1 + replay.messages().size());
        greeting.add(ordinary[0]);
        greeting.add(replay.answer(channel.name, position));
        greeting.addAll(replay.messages());
        greeting.addAll(List.of(ordinary).subList(1, ordinary.length));
        subscription.recipient.loop().join(new LoopChannels.Join(subscription, part, greeting.toArray(byte[][]::new)));
    }
}
