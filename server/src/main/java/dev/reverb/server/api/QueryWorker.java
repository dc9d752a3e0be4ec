package dev.reverb.server.api;

import dev.reverb.server.api.exchange.ApiReply;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Makes the answers whose size grows with the channels or members of an application, on one thread beside the event
 * loops, so that whoever asks for 100,000 channels holds up nobody's messages. Any thread.
 */
final class QueryWorker implements Executor {

    /** How many questions may wait. */
    private static final int WAITING = 256;

    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            task -> Thread.ofPlatform().name("reverb-queries").daemon().unstarted(task));

    QueryWorker() {
        thread.allowCoreThreadTimeOut(true);
    }

    /** Runs {@code question}, or refuses it where too many wait. */
    void ask(Consumer<ApiReply> reply, Runnable question) {
        try {
            thread.execute(question);
        } catch (RejectedExecutionException _) {
            reply.accept(ApiReply.unavailable(WAITING + " questions about channels wait to be answered already", 1));
        }
    }

    /** Runs the second half of a question that was taken; the caller does it where too many wait. */
    @Override
    public void execute(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException _) {
            task.run();
        }
    }
}
