package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.SharedState;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.frame.Ack;
import dev.reverb.server.cluster.redis.frame.Operation;
import dev.reverb.server.cluster.redis.log.write.PartitionWriter;
import dev.reverb.server.cluster.redis.membership.RestartLock;
import dev.reverb.server.cluster.redis.quota.MessageCounters;
import dev.reverb.server.cluster.redis.quota.Quotas;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Presence, counts and quota over Redis: hands everything to the loop. */
final class RedisState implements SharedState {

    private static final Logger log = LoggerFactory.getLogger(RedisState.class);
    private static final long LOG_INTERVAL = 60_000_000_000L;

    private final ClusterNode node;
    private final PartitionWriter[] writers;
    private final Quotas quotas;
    private final RestartLock turn;
    private final MessageCounters messages;
    /** {@link dev.reverb.server.cluster.redis.base.Clock#nanos}; cluster thread only. */
    private long heldLoggedAt;

    RedisState(ClusterNode node, PartitionWriter[] writers, Quotas quotas, RestartLock turn, MessageCounters messages) {
        this.node = node;
        this.writers = writers;
        this.quotas = quotas;
        this.turn = turn;
        this.messages = messages;
        this.heldLoggedAt = node.clock().nanos() - 2 * LOG_INTERVAL;
    }

    @Override
    public void join(ChannelId channel, Member member) {
        node.scheduler().execute(() -> writer(channel).join(channel, member.userId(), member.channelData()));
    }

    @Override
    public void admit(ChannelId channel, Member member, int max, Predicate<Admission> decided) {
        node.scheduler().execute(() -> writer(channel).admissions.ask(channel, member, max, decided));
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
    public void broadcast(Control control, Runnable acknowledged) {
        node.scheduler().execute(() -> {
            PartitionWriter writer = writers[Keyspace.CONTROL];
            boolean held = writer.stalled();
            writer.add(new Operation.Request(control, held ? Ack.NONE : new Ack(1, acknowledged)));
            if (held) {
                noteHeld(control);
                acknowledged.run();
            }
            if (control instanceof Control.Restart restart) {
                turn.await(restart);
            }
        });
    }

    private void noteHeld(Control control) {
        long now = node.clock().nanos();
        if (now - heldLoggedAt > LOG_INTERVAL) {
            heldLoggedAt = now;
            log.warn("Redis is not reached: the other nodes get {} when it is (said once a minute)", control);
        }
    }

    @Override
    public void messages(String app, long sent, long received) {
        node.scheduler().execute(() -> messages.add(app, sent, received));
    }

    private PartitionWriter writer(ChannelId channel) {
        return writers[Keyspace.partition(channel)];
    }
}
