package dev.reverb.server.listener;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
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
        private final BlockingQueue<Object> queue = new ArrayBlockingQueue<>(QUEUE);
        private final AtomicLong lastLogged = new AtomicLong(System.nanoTime() - 2_000_000_000L);

        Worker(ReverbListener listener) {
            this.listener = listener;
        }

        @Override
        public void run() {
            try {
                while (true) {
                    Object event = queue.take();
                    try {
                        if (event instanceof ReverbEvent told) {
                            listener.on(told);
                        } else if (listener instanceof DebugStream stream) {
                            stream.note(event.toString());
                        }
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
    private final List<Worker> debugging;

    /** Serves {@code listeners}. */
    public Listeners(List<ReverbListener> listeners) {
        for (ReverbListener listener : listeners) {
            Worker worker = new Worker(listener);
            workers.add(worker);
            threads.add(
                    Thread.ofVirtual().name("reverb-listener-" + listener.getClass().getSimpleName()).start(worker));
        }
        debugging = workers.stream().filter(worker -> worker.listener instanceof DebugStream).toList();
    }

    /** The listeners on the class path. */
    public static List<ReverbListener> installed() {
        List<ReverbListener> found = new ArrayList<>();
        ServiceLoader.load(ReverbListener.class).forEach(found::add);
        return found;
    }

    /**
     * The listeners on the class path, and those in the jars of {@code folder}, whose other classes only they see. The
     * jars stay open as long as this process runs.
     *
     * @throws IOException when the folder cannot be read, holds no listener, or one of them cannot be made; the message
     *     names what is wrong
     */
    public static List<ReverbListener> installed(Path folder) throws IOException {
        List<URL> jars = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jar")) {
            for (Path jar : files) {
                jars.add(jar.toUri().toURL());
            }
        } catch (IOException e) {
            throw new IOException("the folder of listeners \"" + folder + "\" "
                    + (Files.notExists(folder) ? "is not there" : "cannot be read"), e);
        }
        List<ReverbListener> found = installed();
        int before = found.size();
        URLClassLoader loader = new URLClassLoader("listeners", jars.toArray(URL[]::new),
                ReverbListener.class.getClassLoader());
        try {
            for (ReverbListener listener : ServiceLoader.load(ReverbListener.class, loader)) {
                if (loader.equals(listener.getClass().getClassLoader())) {
                    found.add(listener);
                }
            }
        } catch (ServiceConfigurationError | LinkageError e) {
            loader.close();
            throw new IOException("a listener in \"" + folder + "\" cannot be used: " + e.getMessage()
                    + (e.getCause() == null ? "" : " (" + e.getCause() + ")"), e);
        }
        if (found.size() == before) {
            loader.close();
            throw new IOException("the folder of listeners \"" + folder + "\" has no jar that names one in "
                    + "META-INF/services/" + ReverbListener.class.getName());
        }
        return found;
    }

    /** Whether anybody listens; when not, do not even make the event. */
    public boolean any() {
        return !workers.isEmpty();
    }

    /** Whether the debug stream is on; when not, do not even make a {@link #note}. */
    public boolean debugging() {
        return !debugging.isEmpty();
    }

    /** Queues a line for the debug stream, behind the messages that were sent and received before. Any thread. */
    public void note(String line) {
        for (Worker worker : debugging) {
            if (!worker.queue.offer(line)) {
                dropped.increment();
            }
        }
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
