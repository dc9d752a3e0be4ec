package dev.reverb.server.cluster.redis.link;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.event.ClusterTopologyChangedEvent;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.cluster.pubsub.StatefulRedisClusterPubSubConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;

/**
 * A link to a Redis Cluster. Lettuce keeps the map of slots, one connection per primary, and follows redirections; it
 * connects again by itself and may send a command twice when a connection breaks, which numbered frames and absolute
 * counts bear. A primary that is away makes commands for its slots fail and leaves the rest alone, so "down" is only
 * said when nothing answers at all; what one primary refuses stays with the partitions in its slots. From Redis 7 on
 * topics live in slots and are subscribed to where the slot is; when a slot moves, or its primary changes, the topic is
 * subscribed to anew.
 */
final class RedisClusterLink implements Link {

    private static final Logger log = LoggerFactory.getLogger(RedisClusterLink.class);
    private static final int PROBES = 128;
    private static final int REACHES = 5;

    private final ClusterEventLoop loop;
    private final Listener listener;
    private final ClusterTiming timing;
    private final Clock clock;
    private final RedisClusterClient client;
    private final CommandPipeline calls;
    private final Backoff backoff;
    private final ClusterCounters counters;
    private final Keyspace keys;
    private final String address;
    private final boolean tls;
    /** Topics that are wanted, and the node that each is subscribed at; empty while it is not. */
    private final Map<String, String> topics = new HashMap<>();

    private @Nullable StatefulRedisClusterConnection<byte[], byte[]> commands;
    private @Nullable StatefulRedisClusterPubSubConnection<byte[], byte[]> messages;
    private @Nullable Disposable slotChanges;
    private boolean sharded;
    private boolean up;
    private boolean closed;
    private boolean probing;
    private long answeredAt;

    RedisClusterLink(RedisConfig config, ClusterEventLoop loop, ClusterNode node, Listener listener) {
        this.loop = loop;
        this.listener = listener;
        this.timing = node.timing();
        this.clock = node.clock();
        this.backoff = new Backoff(node.random());
        this.counters = node.counters();
        this.keys = node.keys();
        this.address = Endpoints.address(config);
        this.tls = config.tls();
        this.calls = new CommandPipeline(loop, node.counters());
        this.client = RedisClusterClient.create(loop.resources(), Endpoints.cluster(config, timing));
        ClusterClientOptions.Builder options = ClusterClientOptions.builder()
                .validateClusterNodeMembership(false)
                .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                        .adaptiveRefreshTriggersTimeout(Duration.ofMillis(500))
                        .enablePeriodicRefresh(Duration.ofSeconds(10))
                        .build());
        Endpoints.apply(options, config, timing);
        client.setOptions(options.build());
    }

    @Override
    public void start() {
        slotChanges = loop.resources().eventBus().get().subscribe(event -> {
            if (event instanceof ClusterTopologyChangedEvent) {
                loop.execute(this::followSlots);
            }
        });
        learnSlots();
    }

    private void learnSlots() {
        if (closed) {
            return;
        }
        CommandPipeline.whenDone(loop, client.refreshPartitionsAsync(), (_, e) -> {
            if (e != null) {
                again(e);
            } else {
                connect();
            }
        });
    }

    private void connect() {
        CommandPipeline.whenDone(loop, client.connectAsync(ByteArrayCodec.INSTANCE), (first, e) -> {
            if (first == null) {
                again(e);
                return;
            }
            CommandPipeline.whenDone(loop, client.connectPubSubAsync(ByteArrayCodec.INSTANCE), (second, e2) -> {
                if (second == null) {
                    var _ = first.closeAsync();
                    again(e2);
                    return;
                }
                CommandPipeline.whenDone(loop, first.async().info("server"), (info, e3) -> {
                    if (info == null) {
                        var _ = first.closeAsync();
                        var _ = second.closeAsync();
                        again(e3);
                        return;
                    }
                    sharded = Endpoints.majorVersion(info) >= 7;
                    commands = first;
                    messages = second;
                    second.setNodeMessagePropagation(true);
                    second.addListener(new Subscriber());
                    calls.use(first.async(), sharded, () -> {});
                    reach(first, 1);
                });
            });
        });
    }

    /**
     * Opens the connection to every primary before the first use: what is sent while one is being made is rejected.
     * One that
     * cannot be reached does not keep the others waiting for ever.
     */
    private void reach(StatefulRedisClusterConnection<byte[], byte[]> connection, int attempt) {
        int[] left = {PROBES};
        boolean[] rejected = {false};
        for (int i = 0; i < PROBES; i++) { // far more keys than primaries, so each of them has some
            byte[] key = Keyspace.bytes("{reverb-" + i + "}");
            CommandPipeline.whenDone(loop, connection.async().exists(key), (_, e) -> {
                rejected[0] |= e != null && !(e instanceof RedisCommandExecutionException);
                if (--left[0] > 0 || closed) {
                    return;
                }
                if (rejected[0] && attempt < REACHES) {
                    loop.schedule(() -> reach(connection, attempt + 1), backoff.next());
                } else {
                    tryRights(connection);
                }
            });
        }
    }

    /** Runs every command once, in one slot: a right that is missing there is missing everywhere. */
    private void tryRights(StatefulRedisClusterConnection<byte[], byte[]> connection) {
        CommandPipeline.whenDone(loop,
                connection.async()
                        .<Object>eval(Script.PROBE.source(), ScriptOutputType.MULTI, keys.probe(), keys.probeTopic(),
                                publishVerb()),
                (reply, e) -> {
                    if (closed) {
                        return;
                    }
                    if (e == null
                            || ErrorClassifier.of(e, address, tls).fault().effect() != RedisFault.Effect.LINK_DOWN) {
                        alive();
                    } else {
                        log.debug("Redis Cluster refuses", e);
                        attemptFailed(e);
                        loop.schedule(() -> tryRights(connection), backoff.next());
                    }
                });
    }

    private void again(@Nullable Throwable cause) {
        log.debug("Redis Cluster does not answer", cause);
        if (!closed) {
            attemptFailed(cause == null ? new IllegalStateException("no answer") : cause);
            loop.schedule(this::learnSlots, backoff.next());
        }
    }

    private void alive() {
        answeredAt = clock.nanos();
        if (!up && !closed) {
            up = true;
            backoff.reset();
            listener.onUp();
        }
    }

    /** Any answer, an error too, comes from a server that is there. */
    private @Nullable Throwable judge(@Nullable Throwable e) {
        if (e == null) {
            alive();
            return null;
        }
        if (!up) {
            return e;
        }
        RedisError error = error(e);
        if (error.refusal()) {
            alive();
        } else if (clock.nanos() - answeredAt > timing.command().toNanos()) {
            up = false;
            topics.replaceAll((topic, node) -> "");
            listener.onDown(error);
            probe();
        }
        return new RedisErrorException(error);
    }

    private void attemptFailed(Throwable e) {
        RedisError error = ErrorClassifier.ofAttempt(e, address, tls);
        counters.errors().increment(error.fault());
        listener.onAttemptFailed(error);
    }

    private RedisError error(Throwable e) {
        RedisError error = ErrorClassifier.of(e, address, tls);
        counters.errors().increment(error.fault());
        return error;
    }

    private void probe() {
        if (!probing && !up && !closed) {
            probing = true;
            loop.schedule(() -> calls.<String>call(c -> c.clusterInfo(), (info, e) -> {
                probing = false;
                if (info != null && info.contains("cluster_state:ok")) {
                    alive();
                } else {
                    probe();
                }
            }), backoff.next());
        }
    }

    @Override
    public boolean up() {
        return up;
    }

    @Override
    public void run(Script script, byte[][] keys, byte[][] arguments,
            BiConsumer<@Nullable List<Object>, @Nullable Throwable> done) {
        calls.run(script, keys, arguments, (reply, e) -> {
            done.accept(reply, judge(e));
        });
    }

    @Override
    public <T> void send(Command<T> command, BiConsumer<@Nullable T, @Nullable Throwable> done) {
        calls.send(command, (reply, e) -> {
            done.accept(reply, judge(e));
        });
    }

    @Override
    public void subscribe(byte[] topic) {
        topics.put(new String(topic, UTF_8), "");
        if (messages == null) {
            return;
        }
        String at = sharded ? master(topic) : "any";
        RedisFuture<Void> reply = sharded ? messages.async().ssubscribe(topic) : messages.async().subscribe(topic);
        CommandPipeline.whenDone(loop, reply, (ok, e) -> {
            String name = new String(topic, UTF_8);
            if (!topics.containsKey(name)) {
                return;
            }
            if (e == null) {
                topics.put(name, at);
                listener.onSubscribed(topic);
            } else {
                var _ = error(e);
                listener.onSubscriptionLost(topic);
            }
        });
    }

    @Override
    public void unsubscribe(byte[] topic) {
        topics.remove(new String(topic, UTF_8));
        if (messages != null) {
            var _ = sharded ? messages.async().sunsubscribe(topic) : messages.async().unsubscribe(topic);
        }
    }

    /** Subscribes again where the primary of a topic's slot is another one than before. */
    private void followSlots() {
        if (!sharded) {
            return;
        }
        for (Map.Entry<String, String> topic : Map.copyOf(topics).entrySet()) {
            byte[] name = Keyspace.bytes(topic.getKey());
            if (!topic.getValue().isEmpty() && !topic.getValue().equals(master(name))) {
                lose(name);
            }
        }
    }

    private void lose(byte[] topic) {
        if (topics.replace(new String(topic, UTF_8), "") != null) {
            listener.onSubscriptionLost(topic);
        }
    }

    private String master(byte[] topic) {
        RedisClusterNode node = client.getPartitions().getMasterBySlot(SlotHash.getSlot(topic));
        return node == null ? "" : node.getNodeId();
    }

    @Override
    public byte[] publishVerb() {
        return Keyspace.bytes(sharded ? "SPUBLISH" : "PUBLISH");
    }

    @Override
    public boolean slots() {
        return true;
    }

    @Override
    public CompletionStage<Void> close() {
        closed = true;
        up = false;
        calls.stop();
        if (slotChanges != null) {
            slotChanges.dispose();
        }
        return client.shutdownAsync(0, 1, TimeUnit.SECONDS);
    }

    private final class Subscriber extends RedisPubSubAdapter<byte[], byte[]> {

        @Override
        public void message(byte[] topic, byte[] message) {
            listener.onMessage(topic, message);
        }

        @Override
        public void smessage(byte[] topic, byte[] message) {
            listener.onMessage(topic, message);
        }

        @Override
        public void subscribed(byte[] topic, long count) {
            known(topic);
        }

        @Override
        public void ssubscribed(byte[] topic, long count) {
            known(topic);
        }

        /** After a reconnect of Lettuce's own. */
        private void known(byte[] topic) {
            String at = topics.get(new String(topic, UTF_8));
            if (at != null && !at.isEmpty()) {
                listener.onSubscribed(topic);
            }
        }

        @Override
        public void sunsubscribed(byte[] topic, long count) {
            lose(topic);
        }
    }
}
