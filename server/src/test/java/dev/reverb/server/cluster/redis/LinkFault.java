package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.Backlog;
import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.cluster.redis.base.MemoryLimits;
import dev.reverb.server.cluster.redis.link.Command;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.LinkFactory;
import dev.reverb.server.cluster.redis.link.Script;
import dev.reverb.server.config.ScalingConfig;
import java.util.List;
import java.util.concurrent.CompletionStage;
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

    /** A node with this fault. */
    public RedisCluster start(ScalingConfig config, ClusterEvents events, Backlog backlog, Balance balance) {
        return start(config, events, backlog, balance, MemoryLimits.ofHeap());
    }

    RedisCluster start(ScalingConfig config, ClusterEvents events, Backlog backlog, Balance balance,
            MemoryLimits limits) {
        MemoryLimits bound = this == NO_REPLAY
                ? new MemoryLimits(limits.held(), 0, limits.gated(), limits.buffered(), limits.backlogHigh(),
                        limits.backlogLow(), limits.log(), limits.page())
                : limits;
        return RedisCluster.start(config, events, backlog, balance, bound,
                (redis, loop, node, listener) -> new Faulty(LinkFactory.LETTUCE.create(redis, loop, node, listener)));
    }

    private final class Faulty implements Link {
        private final Link link;

        Faulty(Link link) {
            this.link = link;
        }

        @Override
        public void run(Script script, byte[][] keys, byte[][] arguments,
                BiConsumer<@Nullable List<Object>, @Nullable Throwable> done) {
            byte[][] sent = arguments;
            if (LinkFault.this == NO_RECOVERY && script == Script.READ && !"@".equals(
                    new String(arguments[2], 0, arguments[2].length, java.nio.charset.StandardCharsets.ISO_8859_1))) {
                sent = arguments.clone();
                sent[1] = new byte[0];
            }
            link.run(script, keys, sent, done);
        }

        @Override
        public <T> void send(Command<T> command, BiConsumer<@Nullable T, @Nullable Throwable> done) {
            boolean lag = command instanceof Command.Publish(byte[] _, byte[] message) && message[0] == LAG;
            if (LinkFault.this != NO_FLOW_CONTROL || !lag) {
                link.send(command, done);
            }
        }

        @Override
        public void start() {
            link.start();
        }

        @Override
        public boolean up() {
            return link.up();
        }

        @Override
        public void subscribe(byte[] topic) {
            link.subscribe(topic);
        }

        @Override
        public void unsubscribe(byte[] topic) {
            link.unsubscribe(topic);
        }

        @Override
        public byte[] publishVerb() {
            return link.publishVerb();
        }

        @Override
        public boolean slots() {
            return link.slots();
        }

        @Override
        public CompletionStage<Void> close() {
            return link.close();
        }
    }
}
