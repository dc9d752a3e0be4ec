package dev.reverb.server.cluster.redis.log.read;

import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.ChannelState;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.flow.ConsumerLag;
import dev.reverb.server.cluster.redis.frame.Entry;
import dev.reverb.server.cluster.redis.frame.FrameWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands what readers take in to this node's channels, and sees to what one partition cannot: presence that has to be
 * compared as a whole, and lag. Cluster thread only.
 */
public final class EntryDispatcher {

    private static final Logger log = LoggerFactory.getLogger(EntryDispatcher.class);

    private final ClusterNode node;
    private final Consumer<Control> controls;
    private final ClusterEvents events;
    private final Throttle laterVersions;
    private final ConsumerLag lag;
    private final BiConsumer<Integer, Boolean> lagging;

    public EntryDispatcher(ClusterNode node, ClusterEvents events, Consumer<Control> controls, ConsumerLag lag,
            BiConsumer<Integer, Boolean> lagging) {
        this.node = node;
        this.laterVersions = new Throttle(node.clock(), Duration.ofMinutes(1));
        this.events = events;
        this.controls = controls;
        this.lag = lag;
        this.lagging = lagging;
    }

    /** A frame is of a version that this release does not know. */
    void skippedLaterVersion(byte version) {
        node.counters().skipped().increment();
        long before = laterVersions.pass();
        if (before >= 0) {
            log.warn("a frame of version {} was skipped, this release reads version {}: a newer release runs too{}",
                    version & 0x7f, FrameWriter.VERSION, before == 0 ? "" : "; " + before + " more in the last minute");
        }
    }

    /** The state of a channel was read: nothing where the channel was detached meanwhile. */
    void state(Interests channels, Interest interest, ChannelState state) {
        if (channels.get(interest.channel()) == interest) {
            interest.satisfied();
            if (interest.announced()) {
                resynced(interest, state);
            } else {
                attached(interest, state);
            }
        }
    }

    void attached(Interest attachment, ChannelState state) {
        attachment.announce();
        guard(() -> events.onAttached(attachment.channel(), attachment.attachment(), state));
    }

    void resynced(Interest attachment, ChannelState state) {
        guard(() -> events.onResync(attachment.channel(), state));
    }

    /**
     * The log's history is another one than this node knows. What Redis lost the other nodes write again within a
     * moment; only then is presence compared, or members would leave and come back.
     */
    void broken(PartitionReader reader, Collection<ChannelId> channels) {
        node.counters().lost().increment();
        List<ChannelId> presence = new ArrayList<>();
        for (ChannelId channel : channels) {
            if (channel.name().startsWith("presence-")) {
                presence.add(channel);
            }
        }
        if (!presence.isEmpty()) {
            node.scheduler().schedule(() -> presence.forEach(reader::refresh), node.timing().lease());
        }
    }

    void lagging(int partition, boolean lags) {
        lagging.accept(partition, lags);
    }

    /** The log has reached a publication of this node. */
    void ownEntry(Interests channels, Entry entry) {
        if (entry instanceof Entry.Published(var publication) && publication.cacheMillis() > 0
                && channels.receives(publication.channel())) {
            guard(() -> events.onCached(publication));
        } else if (entry instanceof Entry.Left || entry instanceof Entry.Counted) {
            entry(channels, entry);
        }
    }

    /** An event that its channel keeps, at {@code point}. */
    void kept(Interests channels, Entry.Kept kept, HistoryPoint point, boolean own) {
        Publication publication = kept.publication();
        ChannelId channel = publication.channel();
        if (!channels.receives(channel)) {
            return;
        }
        if (!own) {
            lag.handed(Keyspace.partition(channel), publication.message().length);
            guard(() -> events.onKept(publication, point));
            return;
        }
        guard(() -> events.onReached(channel, point));
        if (publication.cacheMillis() > 0) {
            guard(() -> events.onCached(publication));
        }
    }

    void entry(Interests channels, Entry entry) {
        switch (entry) {
            case Entry.Published(var publication) -> {
                if (channels.receives(publication.channel())) {
                    lag.handed(Keyspace.partition(publication.channel()), publication.message().length);
                    guard(() -> events.onPublication(publication));
                }
            }
            case Entry.Kept _ -> {
            }
            case Entry.Joined(var channel, var member) -> {
                if (channels.receives(channel) && !node.identity().owns(member.node())) {
                    guard(() -> events.onJoin(channel, member));
                }
            }
            case Entry.Left(var channel, var owner, var userId) -> {
                if (channels.receives(channel) && !node.identity().owns(owner)) {
                    guard(() -> events.onLeave(channel, owner, userId));
                }
            }
            case Entry.Counted(var channel, int total) -> {
                if (channels.receives(channel)) {
                    guard(() -> events.onCounted(channel, total));
                }
            }
            case Entry.Requested(var control) -> guard(() -> controls.accept(control));
        }
    }

    /** What the channels do wrong with one event must not cost them the next. */
    private static void guard(Runnable event) {
        try {
            event.run();
        } catch (RuntimeException e) {
            log.error("an event of another node could not be handled", e);
        }
    }
}
