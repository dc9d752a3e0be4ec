package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.ChannelId;
import dev.reverb.server.cluster.Control;
import dev.reverb.server.cluster.Member;
import dev.reverb.server.cluster.SharedState;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.frame.Operation;
import dev.reverb.server.cluster.redis.log.PartitionWriter;
import dev.reverb.server.cluster.redis.membership.RestartLock;
import dev.reverb.server.cluster.redis.quota.Quotas;
import java.util.function.Consumer;

/** Presence, counts and quota over Redis: hands everything to the loop. */
final class RedisState implements SharedState {

    private final ClusterNode node;
    private final PartitionWriter[] writers;
    private final Quotas quotas;
    private final RestartLock turn;

    RedisState(ClusterNode node, PartitionWriter[] writers, Quotas quotas, RestartLock turn) {
        this.node = node;
        this.writers = writers;
        this.quotas = quotas;
        this.turn = turn;
    }

    @Override
    public void join(ChannelId channel, Member member) {
        node.scheduler().execute(() -> writer(channel).join(channel, member.userId(), member.channelData()));
    }

    @Override
    public void leave(ChannelId channel, String userId) {
        node.scheduler().execute(() -> writer(channel).leave(channel, userId));
    }

    @Override
    public void count(ChannelId channel, int subscriptions, boolean announced) {
        node.scheduler().execute(() -> writer(channel).count(channel, subscriptions, announced));
    }

    @Override
    public void connect(String app, int limit, Consumer<Boolean> decided) {
        if (limit == 0) {
            decided.accept(true);
            node.scheduler().execute(() -> quotas.of(app).admitted());
        } else {
            node.scheduler().execute(() -> quotas.of(app).ask(limit, decided));
        }
    }

    @Override
    public void disconnect(String app) {
        node.scheduler().execute(() -> quotas.of(app).left());
    }

    @Override
    public void broadcast(Control control) {
        node.scheduler().execute(() -> {
            writers[Keyspace.CONTROL].add(new Operation.Request(control));
            if (control instanceof Control.Restart restart) {
                turn.await(restart);
            }
        });
    }

    private PartitionWriter writer(ChannelId channel) {
        return writers[Keyspace.partition(channel)];
    }
}
