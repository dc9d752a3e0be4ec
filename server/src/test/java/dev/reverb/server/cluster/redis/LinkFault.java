package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.Backlog;
import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.cluster.redis.budget.MemoryLimits;
import dev.reverb.server.cluster.redis.link.Command;
import dev.reverb.server.cluster.redis.link.ForwardingLink;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.LinkFactory;
import dev.reverb.server.cluster.redis.link.Script;
import dev.reverb.server.config.ScalingConfig;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What tests break at the link's port, to prove that without it messages are lost. */
public enum LinkFault {
    /** Nothing is broken. */
    NONE,
    /** A gap is not read from the log: each read asks as if it were the first. */
    NO_RECOVERY,
    /** Nothing is kept to be sent again. */
    NO_REPLAY,
    /** What a node says of its lag reaches nobody. */
    NO_FLOW_CONTROL;

    private static final byte LAG = 'L';
    /** In place of an entry's identity: the read begins at a time. */
    private static final byte[] SINCE = {'@'};

    /** A node with this fault. */
    public RedisCluster start(ScalingConfig config, ClusterEvents events, Backlog backlog, Balance balance) {
        return start(config, events, backlog, balance, MemoryLimits.ofHeap());
    }

    RedisCluster start(ScalingConfig config, ClusterEvents events, Backlog backlog, Balance balance,
            MemoryLimits limits) {
        MemoryLimits bound = this == NO_REPLAY
                ? new MemoryLimits(limits.held(), 0, limits.gated(), limits.buffered(), limits.backlogHigh(),
                        limits.backlogLow(), limits.log(), limits.logs(), limits.page())
                : limits;
        return RedisCluster.start(config, events, backlog, balance, bound,
                (redis, loop, node, listener) -> new Faulty(LinkFactory.LETTUCE.create(redis, loop, node, listener)));
    }

    private final class Faulty extends ForwardingLink {

        Faulty(Link link) {
            super(link);
        }

        @Override
        public void run(Script script, byte[][] keys, byte[][] arguments,
                BiConsumer<@Nullable List<Object>, @Nullable Throwable> done) {
            byte[][] sent = arguments;
            if (LinkFault.this == NO_RECOVERY && script == Script.READ && !Arrays.equals(arguments[2], SINCE)) {
                sent = arguments.clone();
                sent[1] = new byte[0];
            }
            super.run(script, keys, sent, done);
        }

        @Override
        public <T> void send(Command<T> command, BiConsumer<@Nullable T, @Nullable Throwable> done) {
            boolean lag = command instanceof Command.Publish(byte[] _, byte[] message) && message[0] == LAG;
            if (LinkFault.this != NO_FLOW_CONTROL || !lag) {
                super.send(command, done);
            }
        }
    }
}
