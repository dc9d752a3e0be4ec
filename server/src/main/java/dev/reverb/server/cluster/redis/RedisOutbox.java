package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.Webhooks.Outbox;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.WebhookEvent;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.base.WriteBudget;
import dev.reverb.server.cluster.redis.frame.Operation;
import dev.reverb.server.cluster.redis.log.write.PartitionWriter;

/** Events for webhooks go the way of publications: held while Redis is away, within the same bound. */
final class RedisOutbox implements Outbox {

    private static final int OVERHEAD = 200;

    private final ClusterNode node;
    private final PartitionWriter[] writers;
    private final WriteBudget budget;

    RedisOutbox(ClusterNode node, PartitionWriter[] writers, WriteBudget budget) {
        this.node = node;
        this.writers = writers;
        this.budget = budget;
    }

    @Override
    public boolean wants(String app, WebhookEvent.Type type) {
        return node.webhooks().served().wanted(app, type);
    }

    @Override
    public void append(ChannelId subject, WebhookEvent.Type type, String more) {
        byte[] bytes = Keyspace.bytes(more);
        int size = bytes.length + OVERHEAD;
        if (budget.take(size)) {
            PartitionWriter writer = writers[Keyspace.partition(subject)];
            node.scheduler().execute(() -> writer.add(new Operation.Event(subject, type.wire, bytes, size)));
        } else {
            node.webhooks().served().overflowed(1);
        }
    }
}
