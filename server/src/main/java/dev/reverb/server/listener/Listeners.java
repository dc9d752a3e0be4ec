package dev.reverb.server.listener;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands events to listeners, each behind a bounded queue on a thread of its own. Any thread may emit; nothing blocks.
 */
public final class Listeners implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger("reverb.listener");
    private static final int QUEUE = 10_000;

    private static final class Worker implements Runnable {
        private final ReverbListener listener;
        private final BlockingQueue<ReverbEvent> queue = new ArrayBlockingQueue<>(QUEUE);
        private final AtomicLong lastLogged = new AtomicLong(System.nanoTime() - 2_000_000_000L);

        Worker(ReverbListener listener) {
            this.listener = listener;
        }

        @Override
        public void run() {
            try {
                while (true) {
                    ReverbEvent event = queue.take();
                    try {
                        listener.on(event);
                    } catch (RuntimeException | Error e) { // whatever foreign code throws must not end its thread
                        long now = System.nanoTime();
                        if (now - lastLogged.get() > 1_000_000_000L) {
                            lastLogged.set(now);
                            LOG.warn("listener {} failed on {}", listener.getClass().getName(),
                                    event.getClass().getSimpleName(), e);
                        }
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // closed
            }
        }
    }

    private final List<Worker> workers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final LongAdder dropped = new LongAdder();

    /** Serves {@code listeners}. */
    public Listeners(List<ReverbListener> listeners) {
        for (ReverbListener listener : listeners) {
            Worker worker = new Worker(listener);
            workers.add(worker);
            threads.add(
                    Thread.ofVirtual().name("reverb-listener-" + listener.getClass().getSimpleName()).start(worker));
        }
    }

    /** The listeners on the class path. */
    public static List<ReverbListener> installed() {
        List<ReverbListener> found = new ArrayList<>();
        ServiceLoader.load(ReverbListener.class).forEach(found::add);
        return found;
    }

    /** Whether anybody listens; when not, do not even make the event. */
    public boolean any() {
        return !workers.isEmpty();
    }

    /** Queues {@code event} for every listener. */
    public void emit(ReverbEvent event) {
        for (Worker worker : workers) {
            if (!worker.queue.offer(event)) {
                dropped.increment();
            }
        }
    }

    /** Events that a full queue had no room for. */
    public long dropped() {
        return dropped.sum();
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
    }
}
