package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.ChannelId;
import dev.reverb.server.cluster.Control;
import dev.reverb.server.cluster.Member;
import dev.reverb.server.cluster.SharedState;
import java.util.function.Consumer;

/** Presence, counts and quota over Redis: hands everything to the loop. */
final class RedisState implements SharedState {

    private final LocalNode node;
    private final Outbox[] outboxes;
    private final Quotas quotas;
    private final Turn turn;

    RedisState(LocalNode node, Outbox[] outboxes, Quotas quotas, Turn turn) {
        this.node = node;
        this.outboxes = outboxes;
        this.quotas = quotas;
        this.turn = turn;
    }

    @Override
    public void join(ChannelId channel, Member member) {
        node.loop.execute(() -> outbox(channel).join(channel, member.userId(), member.channelData()));
    }

    @Override
    public void leave(ChannelId channel, String userId) {
        node.loop.execute(() -> outbox(channel).leave(channel, userId));
    }

    @Override
    public void count(ChannelId channel, int subscriptions) {
        node.loop.execute(() -> outbox(channel).count(channel, subscriptions));
    }

    @Override
    public void connect(String app, int limit, Consumer<Boolean> decided) {
        if (limit == 0) {
            decided.accept(true);
            node.loop.execute(() -> quotas.of(app).admitted());
        } else {
            node.loop.execute(() -> quotas.of(app).ask(limit, decided));
        }
    }

    @Override
    public void disconnect(String app) {
        node.loop.execute(() -> quotas.of(app).left());
    }

    @Override
    public void broadcast(Control control) {
        node.loop.execute(() -> {
            outboxes[Keyspace.CONTROL].add(new Operation.Request(control));
            if (control instanceof Control.Restart restart) {
                turn.await(restart);
            }
        });
    }

    private Outbox outbox(ChannelId channel) {
        return outboxes[Keyspace.partition(channel)];
    }
}
