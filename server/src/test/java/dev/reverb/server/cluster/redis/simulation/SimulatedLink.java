package dev.reverb.server.cluster.redis.simulation;

import dev.reverb.server.cluster.redis.base.Backoff;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.fault.RedisError;
import dev.reverb.server.cluster.redis.fault.RedisErrorException;
import dev.reverb.server.cluster.redis.fault.RedisFault;
import dev.reverb.server.cluster.redis.link.Command;
import dev.reverb.server.cluster.redis.link.ErrorClassifier;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.Script;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A node's way to the model of Redis: in order, with delays; it is cut, or goes silent, when the story says so. */
final class SimulatedLink implements Link {

    private static final String ADDRESS = "redis:6379";
    private static final long LONGEST_MICROS = 3000;

    private final World world;
    private final RedisModel redis;
    private final NodeThread thread;
    private final ClusterNode node;
    private final Listener listener;
    private final Backoff backoff;
    private @Nullable Pair pair;
    private boolean reachable = true;
    private boolean closed;
    /** Every so many messages one comes twice. */
    int doubleEvery;
    /** Whether it is a Cluster. */
    boolean slots;
    private int messages;

    SimulatedLink(World world, RedisModel redis, NodeThread thread, ClusterNode node, Listener listener) {
        this.world = world;
        this.redis = redis;
        this.thread = thread;
        this.node = node;
        this.listener = listener;
        backoff = new Backoff(node.random());
    }

    /** A command that has no answer yet. */
    private static final class Pending {
        private final BiConsumer<@Nullable Object, @Nullable Throwable> done;
        private final long overdueAt;
        private boolean completed;

        Pending(long overdueAt, BiConsumer<@Nullable Object, @Nullable Throwable> done) {
            this.overdueAt = overdueAt;
            this.done = done;
        }

        void complete(@Nullable Object reply, @Nullable Throwable error) {
            if (!completed) {
                completed = true;
                done.accept(reply, error);
            }
        }
    }

    /** The connections of one period in which the link is up. */
    private final class Pair implements RedisModel.Connection {
        private final ArrayDeque<Pending> pending = new ArrayDeque<>();
        private boolean watched;
        private long arrived;
        private @Nullable Packet sent;
        private @Nullable Packet answered;
        private long asked; // of the connection for messages
        private long replied;
        private long delivered;
        /** Nothing passes any more. */
        private boolean dead;
        /** What was sent before it ended still arrives there. */
        private boolean drains;
        /** Nothing passes, and neither side knows. */
        private boolean silent;

        @Override
        public void onMessage(byte[] topic, byte[] message) {
            int times = doubleEvery > 0 && ++messages % doubleEvery == 0 ? 2 : 1;
            for (int i = 0; i < times; i++) {
                delivered = Math.max(delivered + 1, world.nanos() + world.delay(LONGEST_MICROS));
                world.at(delivered, () -> thread.execute(() -> {
                    if (pair == this && !silent && !dead) {
                        listener.onMessage(topic, message);
                    }
                }));
            }
        }

        @Override
        public void onSubscriptionLost(byte[] topic) {
            delivered = Math.max(delivered + 1, world.nanos() + world.delay(LONGEST_MICROS));
            world.at(delivered, () -> thread.execute(() -> {
                if (pair == this && !silent && !dead) {
                    listener.onSubscriptionLost(topic);
                }
            }));
        }

        @Override
        public void reset() {
            dead = true;
            drains = world.random.nextBoolean();
            world.after(world.delay(20_000), () -> thread
                    .execute(() -> lost(this, new RedisError(RedisFault.CONNECTION, ADDRESS, "the connection ended"))));
        }

        /** The same by the connection for messages, whose order has nothing to do with that of the commands. */
        void toTopics(Runnable work) {
            asked = Math.max(asked + 1, world.nanos() + world.delay(LONGEST_MICROS));
            world.at(asked, () -> arrive(work));
        }

        /** Runs {@code work} at the server, once what was sent before was run; {@code idle} work in one packet. */
        void toServer(Runnable work, boolean idle) {
            Packet open = idle ? sent : null;
            if (open != null && open.madeAt == world.nanos()) {
                open.work.add(work);
                return;
            }
            Packet packet = new Packet(world.nanos(), work);
            sent = idle ? packet : null;
            arrived = Math.max(arrived + 1, world.nanos() + world.delay(LONGEST_MICROS));
            world.at(arrived, () -> arrive(packet::run));
        }

        private void arrive(Runnable work) {
            if (redis.frozenUntil() > world.nanos()) {
                world.at(redis.frozenUntil() + 1, () -> arrive(work));
            } else if (redis.up() && !silent && (!dead || drains)) {
                work.run();
            }
        }

        void toNode(Runnable work, boolean idle) {
            Packet open = idle ? answered : null;
            if (open != null && open.madeAt == world.nanos()) {
                open.work.add(work);
                return;
            }
            Packet packet = new Packet(world.nanos(), work);
            answered = idle ? packet : null;
            replied = Math.max(replied + 1, world.nanos() + world.delay(LONGEST_MICROS));
            world.at(replied, () -> thread.execute(() -> {
                if (pair == this && !silent && !dead) {
                    packet.run();
                }
            }));
        }
    }

    /** What travels together. */
    private static final class Packet {
        private final long madeAt;
        private final List<Runnable> work = new ArrayList<>(1);

        Packet(long madeAt, Runnable first) {
            this.madeAt = madeAt;
            work.add(first);
        }

        void run() {
            work.forEach(Runnable::run);
        }
    }

    @Override
    public void start() {
        attempt();
    }

    private void attempt() {
        world.after(world.delay(LONGEST_MICROS) * 2, () -> thread.execute(() -> {
            if (closed || pair != null) {
                return;
            }
            if (!reachable || !redis.up() || redis.frozenUntil() > world.nanos()) {
                listener.onAttemptFailed(new RedisError(RedisFault.CONNECTION, ADDRESS, "connection refused"));
                thread.schedule(this::attempt, backoff.next());
                return;
            }
            Pair made = new Pair();
            pair = made;
            redis.connect(made);
            backoff.reset();
            ping(made);
            listener.onUp();
        }));
    }

    /** Finds out that nothing comes back. */
    private void ping(Pair mine) {
        if (pair == mine) {
            send(mine, false, () -> "PONG", (_, _) -> {});
            thread.schedule(() -> ping(mine), node.timing().beat());
        }
    }

    private void lost(Pair which, RedisError error) {
        if (pair != which) {
            return;
        }
        pair = null;
        if (!which.dead) {
            which.dead = true;
            which.drains = world.random.nextBoolean();
        }
        redis.disconnect(which);
        listener.onDown(error);
        thread.execute(() -> List.copyOf(which.pending)
                .forEach(one -> one.complete(null, new RedisConnectionException("the link to Redis is down"))));
        thread.schedule(this::attempt, backoff.next());
    }

    /** The network between: ends at once, or nothing passes and nobody says so. */
    void cut(boolean silently) {
        reachable = false;
        Pair now = pair;
        if (now != null && silently) {
            now.silent = true;
        } else if (now != null) {
            now.reset();
        }
    }

    void mend() {
        reachable = true;
    }

    void crash() {
        closed = true;
        Pair now = pair;
        if (now != null) {
            now.dead = true;
            now.drains = world.random.nextBoolean();
            redis.disconnect(now);
        }
        pair = null;
    }

    @Override
    public boolean up() {
        return pair != null;
    }

    /** @param idle whether it is one of many that look at partitions in which nothing happens */
    private void send(Pair to, boolean idle, Supplier<@Nullable Object> command,
            BiConsumer<@Nullable Object, @Nullable Throwable> done) {
        Pending pending = new Pending(world.nanos() + node.timing().command().toNanos(), done);
        to.pending.add(pending);
        to.toServer(() -> {
            Object reply = null;
            Throwable error = null;
            try {
                reply = command.get();
            } catch (RedisData.Refused e) {
                error = new RedisCommandExecutionException(e.getMessage());
            }
            Object answer = reply;
            Throwable fault = error;
            to.toNode(() -> {
                if (pending.completed) {
                    return;
                }
                pending.complete(answer, fault == null ? null : judge(to, fault));
            }, idle);
        }, idle);
        watch(to);
    }

    /** Answers come in order, so the first that lacks one is the first that is overdue. */
    private void watch(Pair pair) {
        while (!pair.pending.isEmpty() && pair.pending.getFirst().completed) {
            pair.pending.removeFirst();
        }
        if (!pair.watched && !pair.pending.isEmpty()) {
            pair.watched = true;
            Pending first = pair.pending.getFirst();
            thread.schedule(() -> {
                pair.watched = false;
                if (!first.completed && this.pair == pair) {
                    lost(pair, new RedisError(RedisFault.TIMEOUT, ADDRESS, "no reply in time"));
                } else {
                    watch(pair);
                }
            }, Duration.ofNanos(first.overdueAt - world.nanos()));
        }
    }

    private Throwable judge(Pair mine, Throwable fault) {
        RedisError error = ErrorClassifier.of(fault, ADDRESS, false);
        if (error.fault().effect() == RedisFault.Effect.LINK_DOWN) {
            lost(mine, error);
        }
        return new RedisErrorException(error);
    }

    @Override
    @SuppressWarnings("unchecked")
    public void run(Script script, byte[][] keys, byte[][] arguments,
            BiConsumer<@Nullable List<Object>, @Nullable Throwable> done) {
        Pair now = pair;
        if (now == null) {
            done.accept(null, new RedisConnectionException("the link to Redis is down"));
        } else {
            send(now, script == Script.SWEEP, () -> redis.run(script, keys, arguments),
                    (reply, e) -> done.accept((List<Object>) reply, e));
        }
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> void send(Command<T> command, BiConsumer<@Nullable T, @Nullable Throwable> done) {
        Pair now = pair;
        if (now == null) {
            done.accept(null, new RedisConnectionException("the link to Redis is down"));
        } else {
            send(now, false, () -> redis.run(command), (reply, e) -> done.accept((T) reply, e));
        }
    }

    @Override
    public void subscribe(byte[] topic) {
        Pair now = pair;
        if (now != null) {
            now.toTopics(() -> {
                redis.subscribe(now, topic);
                now.delivered = Math.max(now.delivered + 1, world.nanos() + world.delay(LONGEST_MICROS));
                world.at(now.delivered, () -> thread.execute(() -> {
                    if (pair == now && !now.silent && !now.dead) {
                        listener.onSubscribed(topic);
                    }
                }));
            });
        }
    }

    @Override
    public void unsubscribe(byte[] topic) {
        Pair now = pair;
        if (now != null) {
            now.toTopics(() -> redis.unsubscribe(now, topic));
        }
    }

    @Override
    public byte[] publishVerb() {
        return (slots ? "SPUBLISH" : "PUBLISH").getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public boolean slots() {
        return slots;
    }

    @Override
    public CompletionStage<Void> close() {
        crash();
        return CompletableFuture.completedFuture(null);
    }
}
