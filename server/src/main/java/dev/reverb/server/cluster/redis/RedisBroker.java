package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.Broker;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.base.AppShares;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.base.WriteBudget;
import dev.reverb.server.cluster.redis.frame.Ack;
import dev.reverb.server.cluster.redis.log.read.PartitionReader;
import dev.reverb.server.cluster.redis.log.write.PartitionWriter;
import dev.reverb.server.config.ScalingConfig.WhenDown;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Publications over Redis. Decides on the caller's thread whether a batch fits, and leaves the rest to the loop. */
final class RedisBroker implements Broker {

    /** What a publication takes beside its message, about. */
    private static final int OVERHEAD = 128;

    private final ClusterNode node;
    private final PartitionWriter[] writers;
    private final PartitionReader[] readers;
    private final WriteBudget budget;
    private final AppShares shares;
    private final WhenDown whenDown;
    private final BooleanSupplier linkUp;
    private final RedisHistories histories;

    RedisBroker(ClusterNode node, PartitionWriter[] writers, PartitionReader[] readers, WriteBudget budget,
            WhenDown whenDown, BooleanSupplier linkUp, RedisHistories histories) {
        this.histories = histories;
        this.node = node;
        this.writers = writers;
        this.readers = readers;
        this.budget = budget;
        this.shares = new AppShares(node.clock(), node.limits(), node.counters());
        this.whenDown = whenDown;
        this.linkUp = linkUp;
    }

    @Override
    public boolean publish(List<Publication> batch, Runnable acknowledged) {
        long bytes = 0;
        boolean refuses = whenDown == WhenDown.REFUSE && !linkUp.getAsBoolean();
        for (Publication publication : batch) {
            PartitionWriter writer = writers[Keyspace.partition(publication.channel())];
            refuses |= writer.refuses() || (whenDown == WhenDown.REFUSE && writer.stalled());
            bytes += size(publication);
        }
        if (batch.isEmpty() && !refuses) {
            acknowledged.run();
            return true;
        }
        if (refuses || !takes(batch.getFirst().channel().app(), bytes)) {
            node.counters().refused().increment();
            return false;
        }
        List<Publication> accepted = List.copyOf(batch);
        for (Publication publication : accepted) {
            if (publication.keep() != null) {
                histories.accepted(publication); // before a read could be sent that comes before the write
            }
        }
        node.scheduler().execute(() -> {
            Ack receipt = new Ack(accepted.size(), acknowledged);
            for (Publication publication : accepted) {
                writers[Keyspace.partition(publication.channel())].publish(publication, size(publication), receipt,
                        publication.keep() == null ? () -> {} : () -> histories.written(publication));
            }
        });
        return true;
    }

    /** @param app that the whole batch is of */
    private boolean takes(String app, long bytes) {
        if (!shares.take(app, bytes)) {
            return false;
        }
        if (!budget.take(bytes)) {
            shares.give(app, bytes);
            return false;
        }
        return true;
    }

    @Override
    public Optional<String> refusal(String app) {
        return Optional.ofNullable(shares.refusal(app));
    }

    private static int size(Publication publication) {
        return publication.message().length + publication.channel().name().length() + OVERHEAD;
    }

    @Override
    public void attach(ChannelId channel, long attachment) {
        boolean keeps = histories.follows(channel);
        node.scheduler().execute(() -> readers[Keyspace.partition(channel)].attach(channel, attachment, keeps));
    }

    @Override
    public void detach(ChannelId channel) {
        histories.forget(channel);
        node.scheduler().execute(() -> readers[Keyspace.partition(channel)].detach(channel));
    }
}
