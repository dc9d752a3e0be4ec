package dev.reverb.server.cluster.redis.link;

import dev.reverb.server.cluster.redis.fault.RedisError;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The way to Redis and back. Commands go out in order and pipelined; with the link down they fail at once and nothing
 * is
 * sent twice behind the caller's back. Every method is called, and every answer given, on the {@link ClusterEventLoop}.
 */
public interface Link {

    /** What happens on a link. */
    interface Listener {

        /** The link works: at first, and again after each {@link #onDown}. */
        void onUp();

        /** The link does not work, or Redis refuses what is needed; commands under way have failed or fail now. */
        void onDown(RedisError error);

        /** An attempt to connect failed, at first or after {@link #onDown}; another one follows. */
        void onAttemptFailed(RedisError error);

        /** From now on messages of this topic arrive. */
        void onSubscribed(byte[] topic);

        /** Messages of this topic do not arrive any more, though nobody asked for that; subscribe again. */
        void onSubscriptionLost(byte[] topic);

        /** A message. */
        void onMessage(byte[] topic, byte[] message);
    }

    /** Starts to connect, and to connect again for ever. */
    void start();

    boolean up();

    /**
     * Runs a script.
     *
     * @param done receives the reply, or what went wrong: a
     *     {@link dev.reverb.server.cluster.redis.fault.RedisErrorException} when it is classified
     */
    void run(Script script, byte[][] keys, byte[][] arguments,
            BiConsumer<@Nullable List<Object>, @Nullable Throwable> done);

    /**
     * Sends a command.
     *
     * @param done receives the reply, which is null where there is none, or what went wrong
     */
    <T> void send(Command<T> command, BiConsumer<@Nullable T, @Nullable Throwable> done);

    /**
     * Asks for the messages of a topic; {@link Listener#onSubscribed} follows, or {@link Listener#onSubscriptionLost}.
     */
    void subscribe(byte[] topic);

    /** Ends {@link #subscribe}. */
    void unsubscribe(byte[] topic);

    /** {@code PUBLISH}, or {@code SPUBLISH} where topics live in slots. */
    byte[] publishVerb();

    /** Whether keys live in slots that can move. */
    boolean slots();

    /** Ends everything; the loop is needed until the stage completes. */
    CompletionStage<Void> close();
}
