package dev.reverb.server.api;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns the end of a question into an answer. */
final class Replies {

    private static final Logger LOG = LoggerFactory.getLogger("reverb.api");

    private Replies() {}

    /** Runs {@code then} with the result; a failure is answered with 503. */
    static <T extends @org.jspecify.annotations.Nullable Object> void when(CompletionStage<T> stage,
            Consumer<ApiReply> reply, Consumer<T> then) {
        var _ = stage.whenComplete((result, failure) -> {
            if (failure == null) {
                then.accept(result);
            } else {
                LOG.debug("a question to the cluster failed: {}", failure.toString());
                reply.accept(ApiReply.unavailable("The cluster does not answer", 1));
            }
        });
    }
}
