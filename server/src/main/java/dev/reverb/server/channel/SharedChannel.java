package dev.reverb.server.channel;

import dev.reverb.server.cluster.ChannelId;
import dev.reverb.server.cluster.ChannelState;
import dev.reverb.server.cluster.Publication;
import dev.reverb.server.protocol.ChannelKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A channel as this node knows it: which loops have subscribers, who is a member, what was published last. Everything
 * but
 * {@link #parts} is guarded by the channel's monitor, which is never held across I/O or a call into the cluster that
 * could
 * take another channel's.
 */
final class SharedChannel {

    private static final LoopChannel[] NONE = {};
    /** After this time the log no longer reaches an event: the link is down, or what was written was lost. */
    private static final long AHEAD_NANOS = 30_000_000_000L;

    final AppChannels app;
    final String name;
    final ChannelId id;
    final ChannelKind kind;

    /** Loops with subscribers; replaced, never changed, so that fan-out reads it without a lock. */
    volatile LoopChannel[] parts = NONE;

    /** Connections subscribed or waiting to be. */
    int subscriptions;
    /** Whether events of other nodes arrive. */
    boolean attached;
    /** Whether it left the directory; whoever finds this set looks again. */
    boolean gone;
    /** Subscriptions that wait for {@link #attached}. */
    List<Subscription> waiting = List.of();
    final @Nullable PresenceView members;
    /** The number of its attach. */
    long attachment;
    private byte @Nullable [] cached;
    private long cachedUntilMillis;
    /** This node's last cached event, until the log has reached it; those of other nodes stand before it. */
    private byte @Nullable [] ahead;
    private long aheadSinceNanos;

    SharedChannel(AppChannels app, String name) {
        this.app = app;
        this.name = name;
        id = new ChannelId(app.id(), name);
        kind = ChannelKind.of(name);
        members = kind.presence() ? new PresenceView() : null;
    }

    /** The part of {@code loop}, made when absent, with one more registered. */
    LoopChannel register(LoopChannels loop) {
        for (LoopChannel part : parts) {
            if (part.loop == loop) {
                part.registered++;
                return part;
            }
        }
        LoopChannel part = new LoopChannel(this, loop);
        part.registered = 1;
        LoopChannel[] more = Arrays.copyOf(parts, parts.length + 1);
        more[parts.length] = part;
        parts = more;
        return part;
    }

    /** Undoes one {@link #register}. */
    void unregister(LoopChannel part) {
        if (--part.registered > 0) {
            return;
        }
        List<LoopChannel> rest = new ArrayList<>(Arrays.asList(parts));
        rest.remove(part);
        parts = rest.toArray(NONE);
    }

    void await(Subscription subscription) {
        if (waiting.isEmpty()) {
            waiting = new ArrayList<>(2);
        }
        waiting.add(subscription);
    }

    /** Puts a message into the inbox of every loop with subscribers. */
    void deliver(byte[] message, long exclude, long startNanos) {
        for (LoopChannel part : parts) {
            part.loop.deliver(new Delivery(part, message, exclude, startNanos));
        }
    }

    /**
     * Takes a publication as the cached event, in the order of the log: behind this node's own there are none of others
     * until the log has reached it.
     *
     * @param own whether this node published it
     * @param nowNanos {@link System#nanoTime}
     */
    void cache(Publication publication, boolean own, long nowNanos) {
        if (own) {
            ahead = attached ? publication.message() : null;
            aheadSinceNanos = nowNanos;
        } else if (isAhead(nowNanos)) {
            return;
        }
        cached = publication.message();
        cachedUntilMillis = System.currentTimeMillis() + publication.cacheMillis();
    }

    /** The log has reached a cached event of this node. */
    void reached(Publication publication) {
        if (!isAhead(System.nanoTime()) || Arrays.equals(ahead, publication.message())) {
            ahead = null;
            cached = publication.message();
            cachedUntilMillis = System.currentTimeMillis() + publication.cacheMillis();
        }
    }

    private boolean isAhead(long nowNanos) {
        return ahead != null && nowNanos - aheadSinceNanos < AHEAD_NANOS;
    }

    /** Takes the cached event as the cluster knows it. */
    void adoptCache(ChannelState state) {
        if (kind.cache() && state.cached() != null && !isAhead(System.nanoTime())) {
            cached = state.cached();
            cachedUntilMillis = state.cachedUntilMillis();
        }
    }

    /** The cached event, unless it has expired. */
    byte @Nullable [] cachedNow() {
        return cached != null && System.currentTimeMillis() < cachedUntilMillis ? cached : null;
    }
}
