package dev.reverb.server.cluster.redis.link;

import dev.reverb.server.cluster.redis.base.Backoff;
import dev.reverb.server.cluster.redis.base.Clock;
import dev.reverb.server.cluster.redis.base.ClusterCounters;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.ClusterTiming;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.fault.RedisError;
import dev.reverb.server.cluster.redis.fault.RedisErrorException;
import dev.reverb.server.cluster.redis.fault.RedisFault;
import dev.reverb.server.config.ScalingConfig.RedisConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A link to one server, or to the primary that Sentinels name: one connection for commands and one for messages, that
 * live and die together. When either ends, or a command gets no answer in time, or the server turns out to be a
 * replica,
 * both are closed and made anew, so that "down" always means the same: whatever was under way has failed, every
 * subscription has ended. What Redis refuses is "down" too: a pair that is made anew counts as up only once every
 * command that is needed was run, so that a node never takes a Redis that answers for one that serves. Lettuce's own
 * reconnecting is off, as it would send again what this node numbers and sends
 * again itself.
 */
final class RedisServerLink implements Link {

    private static final Logger log = LoggerFactory.getLogger(RedisServerLink.class);
    /** A link that is refused sooner after it came up is the same trouble, not a new one. */
    private static final long STEADY_NANOS = 10_000_000_000L;

    private final ClusterEventLoop loop;
    private final Listener listener;
    private final RedisClient client;
    private final RedisURI uri;
    private final ClusterTiming timing;
    private final CommandPipeline calls;
    private final List<byte[]> subscribing = new ArrayList<>();
    private final Backoff backoff;
    /** For faults that last: goes on where it was when the link comes up for a moment only. */
    private final Backoff lastingBackoff;
    private final ClusterCounters counters;
    private final Clock clock;
    private final Keyspace keys;
    private final String address;
    private final boolean tls;

    private @Nullable StatefulRedisConnection<byte[], byte[]> commands;
    private @Nullable StatefulRedisPubSubConnection<byte[], byte[]> messages;
    /** Counts the pairs of connections, so that the end of an old one does not end the present one. */
    private int generation;
    private boolean up;
    private boolean closed;
    private boolean retrying;
    private long upSince;

    RedisServerLink(RedisConfig config, ClusterEventLoop loop, ClusterNode node, Listener listener) {
        this.loop = loop;
        this.listener = listener;
        this.timing = node.timing();
        this.backoff = new Backoff(node.random());
        this.lastingBackoff = new Backoff(node.random());
        this.counters = node.counters();
        this.clock = node.clock();
        this.keys = node.keys();
        this.address = Endpoints.address(config);
        this.tls = config.tls();
        this.calls = new CommandPipeline(loop, node.counters());
        this.uri = Endpoints.server(config, node.timing());
        this.client = RedisClient.create(loop.resources());
        this.client.setOptions(Endpoints.options(config, timing).autoReconnect(false).build());
    }

    @Override
    public void start() {
        connect();
    }

    private void connect() {
        if (closed) {
            return;
        }
        retrying = false;
        int mine = ++generation;
        whenDone(client.connectAsync(ByteArrayCodec.INSTANCE, uri), (first, e) -> {
            if (first == null || mine != generation || closed) {
                abandon(first, mine, e);
                return;
            }
            whenDone(client.connectPubSubAsync(ByteArrayCodec.INSTANCE, uri), (second, e2) -> {
                if (second == null || mine != generation || closed) {
                    close(first);
                    abandon(second, mine, e2);
                    return;
                }
                verify(first, second, mine);
            });
        });
    }

    /** After a fail-over Sentinels may still name the old primary, or a different one to each connection. */
    private void verify(StatefulRedisConnection<byte[], byte[]> first,
            StatefulRedisPubSubConnection<byte[], byte[]> second, int mine) {
        whenDone(first.async().info().thenCombine(second.async().info(), Endpoints::samePrimary), (same, e) -> {
            if (!Boolean.TRUE.equals(same) || mine != generation || closed) {
                close(first);
                abandon(second, mine, e == null ? new IllegalStateException("it is not the primary") : e);
                return;
            }
            tryRights(first, second, mine);
        });
    }

    /** Runs every command once: what Redis refuses now it would refuse later, with clients behind it. */
    private void tryRights(StatefulRedisConnection<byte[], byte[]> first,
            StatefulRedisPubSubConnection<byte[], byte[]> second, int mine) {
        byte[] topic = keys.topic(Keyspace.CONTROL);
        CompletionStage<Object> tried = first.async()
                .<Object>eval(Script.PROBE.source(), ScriptOutputType.MULTI, keys.probe(), keys.probeTopic(),
                        publishVerb())
                .thenCombine(second.async().subscribe(topic), (reply, _) -> reply);
        whenDone(tried, (reply, e) -> {
            if (reply == null || mine != generation || closed) {
                close(first);
                abandon(second, mine, e);
                return;
            }
            first.setAutoFlushCommands(false);
            first.addListener(Endpoints.onDisconnect(() -> loop.execute(() -> lost(mine, ended("commands")))));
            second.addListener(Endpoints.onDisconnect(() -> loop.execute(() -> lost(mine, ended("messages")))));
            second.addListener(new Subscriber(mine));
            commands = first;
            messages = second;
            calls.use(first.async(), false, first::flushCommands);
            up = true;
            upSince = clock.nanos();
            backoff.reset();
            if (!first.isOpen() || !second.isOpen()) {
                lost(mine, ended("commands"));
                return;
            }
            ping(mine);
            listener.onUp();
        });
    }

    private RedisError ended(String connection) {
        return new RedisError(RedisFault.CONNECTION, address, "the connection for " + connection + " ended");
    }

    private void abandon(@Nullable StatefulConnection<byte[], byte[]> connection, int mine, @Nullable Throwable cause) {
        if (connection != null) {
            close(connection);
        }
        if (mine == generation && !closed) {
            log.debug("Redis does not answer", cause);
            RedisError error = ErrorClassifier.ofAttempt(cause == null ? new IllegalStateException("no answer") : cause,
                    address, tls);
            counters.errors().increment(error.fault());
            listener.onAttemptFailed(error);
            again(error);
        }
    }

    private void again(RedisError error) {
        if (!retrying && !closed) {
            retrying = true;
            loop.schedule(this::connect, (error.fault().lasting() ? lastingBackoff : backoff).next());
        }
    }

    private void lost(int mine, RedisError error) {
        if (mine != generation || !up) {
            return;
        }
        up = false;
        if (clock.nanos() - upSince > STEADY_NANOS) {
            lastingBackoff.reset();
        }
        counters.errors().increment(error.fault());
        generation++;
        calls.stop();
        if (commands != null) {
            close(commands);
        }
        if (messages != null) {
            close(messages);
        }
        commands = null;
        messages = null;
        if (!closed) {
            listener.onDown(error);
            again(error);
        }
    }

    @Override
    public boolean up() {
        return up;
    }

    @Override
    public void run(Script script, byte[][] keys, byte[][] arguments,
            BiConsumer<@Nullable List<Object>, @Nullable Throwable> done) {
        int mine = generation;
        calls.run(script, keys, arguments, (reply, e) -> {
            done.accept(reply, judge(mine, e));
        });
    }

    @Override
    public <T> void send(Command<T> command, BiConsumer<@Nullable T, @Nullable Throwable> done) {
        int mine = generation;
        calls.send(command, (reply, e) -> {
            done.accept(reply, judge(mine, e));
        });
    }

    /** Classifies what went wrong; ends the link where it concerns everything. */
    private @Nullable Throwable judge(int mine, @Nullable Throwable e) {
        if (e == null || mine != generation || !up) {
            return e;
        }
        RedisError error = ErrorClassifier.of(e, address, tls);
        switch (error.fault().effect()) {
            case LINK_DOWN -> lost(mine, error);
            case NONE, FRAME, PARTITION -> counters.errors().increment(error.fault());
        }
        return new RedisErrorException(error);
    }

    @Override
    public void subscribe(byte[] topic) {
        if (subscribing.isEmpty()) {
            loop.execute(this::subscribeAll);
        }
        subscribing.add(topic);
    }

    /** All topics of one turn of the loop in one command. */
    private void subscribeAll() {
        byte[][] topics = subscribing.toArray(byte[][]::new);
        subscribing.clear();
        if (messages != null) {
            int mine = generation;
            whenDone(messages.async().subscribe(topics), (_, e) -> {
                if (e != null) {
                    lost(mine, ErrorClassifier.of(e, address, tls));
                }
            });
        }
    }

    /** Finds a connection for messages that is dead without a sign; the other one finds out by its commands. */
    private void ping(int mine) {
        if (mine == generation && messages != null) {
            whenDone(messages.async().ping(), (_, e) -> {
                if (e != null) {
                    lost(mine, ErrorClassifier.of(e, address, tls));
                } else {
                    loop.schedule(() -> ping(mine), timing.beat());
                }
            });
        }
    }

    @Override
    public void unsubscribe(byte[] topic) {
        if (messages != null) {
            var _ = messages.async().unsubscribe(topic);
        }
    }

    @Override
    public byte[] publishVerb() {
        return Keyspace.bytes("PUBLISH");
    }

    @Override
    public boolean slots() {
        return false;
    }

    @Override
    public CompletionStage<Void> close() {
        closed = true;
        generation++;
        up = false;
        calls.stop();
        return client.shutdownAsync(0, 1, java.util.concurrent.TimeUnit.SECONDS);
    }

    private static void close(StatefulConnection<byte[], byte[]> connection) {
        var _ = connection.closeAsync();
    }

    private <T> void whenDone(CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> done) {
        CommandPipeline.whenDone(loop, stage, done);
    }

    private final class Subscriber extends RedisPubSubAdapter<byte[], byte[]> {
        private final int mine;

        Subscriber(int mine) {
            this.mine = mine;
        }

        @Override
        public void message(byte[] topic, byte[] message) {
            if (mine == generation) {
                listener.onMessage(topic, message);
            }
        }

        @Override
        public void subscribed(byte[] topic, long count) {
            if (mine == generation) {
                listener.onSubscribed(topic);
            }
        }
    }
}
