package dev.reverb.server.cluster.redis.link;

import dev.reverb.server.cluster.redis.base.ClusterCounters;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends commands over one connection: those of one turn of the loop in one write, answers back on the loop. A script
 * that
 * the server does not know (it restarted, or is another one since) is sent whole. Used on the {@link ClusterEventLoop}
 * only.
 */
final class CommandPipeline {

    private final ClusterEventLoop loop;
    private final ClusterCounters counters;
    private @Nullable RedisClusterAsyncCommands<byte[], byte[]> connection;
    private Runnable flush = () -> {};
    private boolean flushing;
    private boolean sharded;

    CommandPipeline(ClusterEventLoop loop, ClusterCounters counters) {
        this.loop = loop;
        this.counters = counters;
    }

    /**
     * Sends over {@code connection} from now on.
     *
     * @param sharded whether topics live in slots
     * @param flush writes what was sent
     */
    void use(RedisClusterAsyncCommands<byte[], byte[]> connection, boolean sharded, Runnable flush) {
        this.sharded = sharded;
        this.connection = connection;
        this.flush = flush;
    }

    void stop() {
        connection = null;
    }

    void run(Script script, byte[][] keys, byte[][] arguments,
            BiConsumer<@Nullable List<Object>, @Nullable Throwable> done) {
        this.<List<Object>>call(c -> c.evalsha(script.digest(), ScriptOutputType.MULTI, keys, arguments),
                (reply, e) -> {
                    if (e instanceof RedisNoScriptException) {
                        this.<List<Object>>call(c -> c.eval(script.source(), ScriptOutputType.MULTI, keys, arguments),
                                done);
                    } else {
                        done.accept(reply, e);
                    }
                });
    }

    <T> void send(Command<T> command, BiConsumer<@Nullable T, @Nullable Throwable> done) {
        call(c -> future(c, command), done);
    }

    @SuppressWarnings("unchecked") // each command's own reply
    private <T> RedisFuture<T> future(RedisClusterAsyncCommands<byte[], byte[]> c, Command<T> command) {
        return (RedisFuture<T>) switch (command) {
            case Command.HashField(byte[] key, byte[] field) -> c.hget(key, field);
            case Command.HashFields(byte[] key) -> c.hgetall(key);
            case Command.HashKeys(byte[] key) -> c.hkeys(key);
            case Command.Value(byte[] key) -> c.get(key);
            case Command.MillisToLive(byte[] key) -> c.pttl(key);
            case Command.AddMember(byte[] key, byte[] member) -> c.sadd(key, member);
            case Command.Members(byte[] key) -> c.smembers(key);
            case Command.SortedSetSize(byte[] key) -> c.zcard(key);
            case Command.Publish(byte[] topic, byte[] message) ->
                sharded ? c.spublish(topic, message) : c.publish(topic, message);
        };
    }

    <T> void call(Function<RedisClusterAsyncCommands<byte[], byte[]>, RedisFuture<T>> command,
            BiConsumer<@Nullable T, @Nullable Throwable> done) {
        if (connection == null) {
            done.accept(null, new Down());
            return;
        }
        counters.commands().increment();
        RedisFuture<T> future;
        try {
            future = command.apply(connection);
        } catch (RuntimeException e) {
            done.accept(null, e);
            return;
        }
        if (!flushing) {
            flushing = true;
            loop.execute(this::flush);
        }
        whenDone(loop, future, done);
    }

    private void flush() {
        flushing = false;
        if (connection != null) {
            flush.run();
        }
    }

    static <T> void whenDone(ClusterEventLoop loop, CompletionStage<T> stage,
            BiConsumer<@Nullable T, @Nullable Throwable> done) {
        var _ = stage.whenComplete((value, e) -> {
            Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
            if (loop.here()) { // an exception would go into the stage, where nobody looks
                ClusterEventLoop.guard(() -> done.accept(value, cause));
            } else {
                loop.execute(() -> done.accept(value, cause));
            }
        });
    }

    /** Without a stack trace: it says nothing and there may be many. */
    private static final class Down extends RedisConnectionException {
        private static final long serialVersionUID = 1;

        Down() {
            super("the link to Redis is down");
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
}
