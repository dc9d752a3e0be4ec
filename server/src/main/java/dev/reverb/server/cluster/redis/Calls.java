package dev.reverb.server.cluster.redis;

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
 * the server does not know (it restarted, or is another one since) is sent whole. Used on the {@link Loop} only.
 */
final class Calls {

    private final Loop loop;
    private final Tally tally;
    private @Nullable RedisClusterAsyncCommands<byte[], byte[]> connection;
    private Runnable flush = () -> {};
    private boolean flushing;

    Calls(Loop loop, Tally tally) {
        this.loop = loop;
        this.tally = tally;
    }

    void use(RedisClusterAsyncCommands<byte[], byte[]> connection, Runnable flush) {
        this.connection = connection;
        this.flush = flush;
    }

    void stop() {
        connection = null;
    }

    void run(Script script, byte[][] keys, byte[][] arguments,
            BiConsumer<@Nullable List<Object>, @Nullable Throwable> done) {
        this.<List<Object>>send(c -> c.evalsha(script.digest(), ScriptOutputType.MULTI, keys, arguments),
                (reply, e) -> {
                    if (e instanceof RedisNoScriptException) {
                        this.<List<Object>>send(c -> c.eval(script.source(), ScriptOutputType.MULTI, keys, arguments),
                                done);
                    } else {
                        done.accept(reply, e);
                    }
                });
    }

    <T> void send(Function<RedisClusterAsyncCommands<byte[], byte[]>, RedisFuture<T>> command,
            BiConsumer<@Nullable T, @Nullable Throwable> done) {
        if (connection == null) {
            done.accept(null, new Down());
            return;
        }
        tally.commands.increment();
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

    static <T> void whenDone(Loop loop, CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> done) {
        var _ = stage.whenComplete((value, e) -> {
            Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
            if (loop.here()) {
                done.accept(value, cause);
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
