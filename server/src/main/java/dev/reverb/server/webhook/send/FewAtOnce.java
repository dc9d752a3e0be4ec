package dev.reverb.server.webhook.send;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Runs only so many tasks at once on another executor, and the rest in their order after them, so that whoever blocks
 * all of his own leaves threads to others. Any thread.
 */
final class FewAtOnce implements Executor {

    private final Executor on;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private int free;

    /** @param most tasks at once, at least 1 */
    FewAtOnce(Executor on, int most) {
        this.on = on;
        this.free = most;
    }

    /** @throws RejectedExecutionException when the other executor has ended */
    @Override
    public void execute(Runnable task) {
        synchronized (this) {
            if (free == 0) {
                waiting.add(task);
                return;
            }
            free--;
        }
        start(task);
    }

    private void start(Runnable task) {
        on.execute(() -> {
            try {
                task.run();
            } finally {
                ended();
            }
        });
    }

    private void ended() {
        Runnable next = next();
        if (next != null) {
            try {
                start(next);
            } catch (RejectedExecutionException e) {
                // the server ends: nobody waits for the rest
            }
        }
    }

    private synchronized @Nullable Runnable next() {
        Runnable next = waiting.poll();
        if (next == null) {
            free++;
        }
        return next;
    }
}
