package dev.reverb.server.cluster.redis.link;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.redis.fault.RedisError;
import dev.reverb.server.cluster.redis.fault.RedisErrorException;
import dev.reverb.server.cluster.redis.fault.RedisFault;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A link whose every answer a test gives, in the order in which it was asked. Not shared between threads. */
public final class ScriptedLink implements Link {

    /** A script that waits for its answer. */
    public static final class Call {
        private final Script script;
        private final byte[][] arguments;
        private final BiConsumer<@Nullable List<Object>, @Nullable Throwable> done;

        private Call(Script script, byte[][] arguments, BiConsumer<@Nullable List<Object>, @Nullable Throwable> done) {
            this.script = script;
            this.arguments = arguments;
            this.done = done;
        }

        public Script script() {
            return script;
        }

        /** The argument with this number, counted from 1 as in Lua. */
        public String argument(int number) {
            return new String(arguments[number - 1], UTF_8);
        }

        public int arguments() {
            return arguments.length;
        }

        public void reply(Object... fields) {
            done.accept(Arrays.asList(fields), null);
        }

        /** Answers with an error of Redis. */
        public void refuse(String reply) {
            done.accept(null, new RedisErrorException(new RedisError(RedisFault.ofReply(reply), "test:1", reply)));
        }

        public void fail() {
            done.accept(null, new IllegalStateException("failed by the test"));
        }
    }

    /** A command that waits for its answer. */
    public static final class Sent<T> {
        private final Command<T> command;
        private final BiConsumer<@Nullable T, @Nullable Throwable> done;

        private Sent(Command<T> command, BiConsumer<@Nullable T, @Nullable Throwable> done) {
            this.command = command;
            this.done = done;
        }

        public Command<T> command() {
            return command;
        }

        /** Null for an error. */
        @SuppressWarnings("unchecked")
        public void reply(@Nullable Object reply) {
            done.accept((T) reply, reply == null ? new IllegalStateException("failed by the test") : null);
        }
    }

    private final ArrayDeque<Call> calls = new ArrayDeque<>();
    private final ArrayDeque<Sent<?>> commands = new ArrayDeque<>();
    private boolean up = true;

    /** The oldest script without an answer. */
    public Call take() {
        return calls.remove();
    }

    /** Whether no script waits for an answer. */
    public boolean idle() {
        return calls.isEmpty();
    }

    /** The oldest command that is no script and has no answer. */
    public Sent<?> takeCommand() {
        return commands.remove();
    }

    public void up(boolean now) {
        up = now;
    }

    @Override
    public void start() {}

    @Override
    public boolean up() {
        return up;
    }

    @Override
    public void run(Script script, byte[][] keys, byte[][] arguments,
            BiConsumer<@Nullable List<Object>, @Nullable Throwable> done) {
        calls.add(new Call(script, arguments, done));
    }

    @Override
    public <T> void send(Command<T> command, BiConsumer<@Nullable T, @Nullable Throwable> done) {
        commands.add(new Sent<>(command, done));
    }

    @Override
    public void subscribe(byte[] topic) {}

    @Override
    public void unsubscribe(byte[] topic) {}

    @Override
    public byte[] publishVerb() {
        return "PUBLISH".getBytes(UTF_8);
    }

    @Override
    public boolean slots() {
        return false;
    }

    @Override
    public CompletionStage<Void> close() {
        return CompletableFuture.completedFuture(null);
    }
}
