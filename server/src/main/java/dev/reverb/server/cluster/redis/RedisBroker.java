package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.Broker;
import dev.reverb.server.cluster.ChannelId;
import dev.reverb.server.cluster.Publication;
import dev.reverb.server.config.ScalingConfig.WhenDown;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Publications over Redis. Decides on the caller's thread whether a batch fits, and leaves the rest to the loop. */
final class RedisBroker implements Broker {

    /** What a publication takes beside its message, about. */
    private static final int OVERHEAD = 128;

    private final LocalNode node;
    private final Outbox[] outboxes;
    private final Inbox[] inboxes;
    private final Budget budget;
    private final WhenDown whenDown;
    private final BooleanSupplier linkUp;

    RedisBroker(LocalNode node, Outbox[] outboxes, Inbox[] inboxes, Budget budget, WhenDown whenDown,
            BooleanSupplier linkUp) {
        this.node = node;
        this.outboxes = outboxes;
        this.inboxes = inboxes;
        this.budget = budget;
        this.whenDown = whenDown;
        this.linkUp = linkUp;
    }

    @Override
    public boolean publish(List<Publication> batch, Runnable acknowledged) {
        long bytes = 0;
        boolean refuses = whenDown == WhenDown.REFUSE && !linkUp.getAsBoolean();
        for (Publication publication : batch) {
            Outbox outbox = outboxes[Keyspace.partition(publication.channel())];
            refuses |= outbox.refuses() || (whenDown == WhenDown.REFUSE && outbox.stalled());
            bytes += size(publication);
        }
        if (refuses || !budget.take(bytes)) {
            node.tally.refused.increment();
            return false;
        }
        if (batch.isEmpty()) {
            acknowledged.run();
            return true;
        }
        List<Publication> accepted = List.copyOf(batch);
        node.loop.execute(() -> {
            Receipt receipt = new Receipt(accepted.size(), acknowledged);
            for (Publication publication : accepted) {
                outboxes[Keyspace.partition(publication.channel())].publish(publication, size(publication), receipt);
            }
        });
        return true;
    }

    private static int size(Publication publication) {
        return publication.message().length + publication.channel().name().length() + OVERHEAD;
    }

    @Override
    public void attach(ChannelId channel) {
        node.loop.execute(() -> inboxes[Keyspace.partition(channel)].attach(channel));
    }

    @Override
    public void detach(ChannelId channel) {
        node.loop.execute(() -> inboxes[Keyspace.partition(channel)].detach(channel));
    }
}
