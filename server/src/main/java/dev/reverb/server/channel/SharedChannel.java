package dev.reverb.server.channel;

import dev.reverb.server.cluster.ChannelId;
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
    byte @Nullable [] cached;
    long cachedUntilMillis;

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

    /** Undoes {@link #await}, if it has not begun or been refused meanwhile. */
    void abandon(Subscription subscription) {
        if (!waiting.isEmpty()) {
            waiting.remove(subscription);
        }
    }

    /** Puts a message into the inbox of every loop with subscribers. */
    void deliver(byte[] message, long exclude, long startNanos) {
        for (LoopChannel part : parts) {
            part.loop.deliver(new Delivery(part, message, exclude, startNanos));
        }
    }

    /** The cached event, unless it has expired. */
    byte @Nullable [] cachedNow() {
        return cached != null && System.currentTimeMillis() < cachedUntilMillis ? cached : null;
    }
}
