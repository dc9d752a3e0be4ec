package dev.reverb.server.api.exchange;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns the end of a question into an answer. */
public final class Replies {

    private static final Logger LOG = LoggerFactory.getLogger("reverb.api");

    private Replies() {}

    /**
     * Runs {@code then} with the result, on the thread that completes {@code stage}; a failed stage is answered with
     * 503, and an exception of {@code then} with 500.
     */
    public static <T extends @Nullable Object> void when(CompletionStage<T> stage, Consumer<ApiReply> reply,
            Consumer<T> then) {
        when(stage, Runnable::run, reply, then);
    }

    /** The same, with {@code then} run by {@code executor}. */
    public static <T extends @Nullable Object> void when(CompletionStage<T> stage, Executor executor,
            Consumer<ApiReply> reply, Consumer<T> then) {
        var _ = stage.whenCompleteAsync((result, failure) -> {
            if (failure == null) {
                try {
                    then.accept(result);
                } catch (RuntimeException | Error e) {
                    LOG.error("an answer could not be made", e);
                    reply.accept(ApiReply.error(500, "The server failed to make the answer; its log says why"));
                }
            } else {
                LOG.debug("a question to the cluster failed: {}", failure.toString());
                reply.accept(ApiReply.unavailable("The cluster does not answer", 1));
            }
        }, executor);
    }
}
