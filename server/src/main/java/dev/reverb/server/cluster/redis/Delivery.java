package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.ChannelId;
import dev.reverb.server.cluster.ChannelState;
import dev.reverb.server.cluster.Control;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands what inboxes take in to this node's channels, and sees to what one partition cannot: presence that has to be
 * compared as a whole, and lag. Loop only.
 */
final class Delivery {

    private static final Logger log = LoggerFactory.getLogger(Delivery.class);

    private final LocalNode node;
    private final Consumer<Control> controls;
    private final BiConsumer<Integer, Boolean> lag;

    Delivery(LocalNode node, Consumer<Control> controls, BiConsumer<Integer, Boolean> lag) {
        this.node = node;
        this.controls = controls;
        this.lag = lag;
    }

    void attached(Attachment attachment, ChannelState state) {
        attachment.announce();
        guard(() -> node.events.onAttached(attachment.channel(), state));
    }

    void resynced(Attachment attachment, ChannelState state) {
        guard(() -> node.events.onResync(attachment.channel(), state));
    }

    /**
     * The log's history is another one than this node knows. What Redis lost the other nodes tell it again within a
     * moment; only then is presence compared, or members would leave and come back.
     */
    void broken(Inbox inbox, Collection<ChannelId> channels) {
        node.tally.lost.increment();
        List<ChannelId> presence = new ArrayList<>();
        for (ChannelId channel : channels) {
            if (channel.name().startsWith("presence-")) {
                presence.add(channel);
            }
        }
        if (!presence.isEmpty()) {
            var _ = node.loop.schedule(() -> presence.forEach(inbox::refresh), node.timing.lease());
        }
    }

    void lagging(int partition, boolean lags) {
        lag.accept(partition, lags);
    }

    void entry(Attachments channels, Entry entry) {
        switch (entry) {
            case Entry.Published(var publication) -> {
                if (channels.hears(publication.channel())) {
                    node.lag.handed(publication.message().length);
                    guard(() -> node.events.onPublication(publication));
                }
            }
            case Entry.Joined(var channel, var member) -> {
                if (channels.hears(channel) && !node.owns(member.node())) {
                    guard(() -> node.events.onJoin(channel, member));
                }
            }
            case Entry.Left(var channel, var owner, var userId) -> {
                if (channels.hears(channel) && !node.owns(owner)) {
                    guard(() -> node.events.onLeave(channel, owner, userId));
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
