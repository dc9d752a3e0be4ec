package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.listener.Listeners;
import dev.reverb.server.listener.ReverbEvent;
import dev.reverb.server.listener.ReverbListener;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.Frame;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.WireClient;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The five events, as code that listens to a running server gets them. */
@WireTest
class ListenerTest {

    /** Each is received and sent, which fills the queue of one that is stuck; one that takes them gets this many. */
    private static final int MANY = 7_500;

    /** Keeps what it is called with, and by which threads. */
    private static final class Recorder implements ReverbListener {
        private final LinkedBlockingQueue<ReverbEvent> events = new LinkedBlockingQueue<>();
        private final Set<String> threads = ConcurrentHashMap.newKeySet();

        @Override
        public void on(ReverbEvent event) {
            threads.add(Thread.currentThread().getName());
            events.add(event);
        }

        private ReverbEvent next() throws InterruptedException {
            ReverbEvent event = events.poll(HttpSocket.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (event == null) {
                throw new AssertionError("no event in time");
            }
            return event;
        }
    }

    /** Found by its name in {@code META-INF/services}. */
    public static final class Installed implements ReverbListener {
        @Override
        public void on(ReverbEvent event) {
            throw new IllegalStateException("is only looked for");
        }
    }

    @Test
    void theEventsOfAConnectionAreToldInTheirOrder(TestServer server) throws InterruptedException {
        Recorder recorder = new Recorder();
        server.listeners(recorder);
        WireClient client = server.connect();
        String id = client.socketId();
        ReverbEvent.MessageSent established = (ReverbEvent.MessageSent) recorder.next();
        assertTrue(established.message().contains("pusher:connection_established"));
        assertEquals(id, established.socketId());

        String subscribe = "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"news\"}}";
        client.send(subscribe).next("pusher_internal:subscription_succeeded");
        assertEquals(new ReverbEvent.MessageReceived("app", id, subscribe), recorder.next());
        assertEquals(new ReverbEvent.ChannelCreated("app", "news"), recorder.next());
        assertTrue(((ReverbEvent.MessageSent) recorder.next()).message().contains("subscription_succeeded"));

        server.api().publish("x", "1", "news");
        String message = client.next("x").text();
        assertEquals(new ReverbEvent.MessageSent("app", id, message), recorder.next());

        client.send(Frame.close(1000, "")).awaitClose(1000);
        assertEquals(new ReverbEvent.ChannelRemoved("app", "news"), recorder.next());
        assertTrue(recorder.threads.stream().noneMatch(name -> name.startsWith("reverb-loop")),
                "told off the event loops: " + recorder.threads);
    }

    @Test
    void aConnectionThatIsPrunedIsTold(TestServer server) throws InterruptedException {
        Recorder recorder = new Recorder();
        server.app("ping_interval: 1", "activity_timeout: 1").listeners(recorder);
        WireClient client = server.connect();
        ReverbEvent pruned = new ReverbEvent.ConnectionPruned("app", client.socketId());
        client.awaitClose(4201);
        while (!recorder.next().equals(pruned)) {
            // the messages before
        }
    }

    @Test
    void aSlowAndAThrowingListenerHarmNobody(TestServer server) throws InterruptedException {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch thrown = new CountDownLatch(MANY);
        server.listeners(event -> {
            try {
                stuck.await();
            } catch (InterruptedException closed) {
                Thread.currentThread().interrupt();
            }
        }, event -> {
            thrown.countDown();
            throw new LinkageError("broken on purpose");
        });
        WireClient client = server.connect().onlyCounting();
        client.askFor("news");
        client.awaitCount(2, HttpSocket.PATIENCE); // with its subscription, so that it misses nothing
        WireClient sender = server.connect();
        sender.subscribe("news");
        for (int i = 0; i < MANY; i++) {
            sender.sendEvent("client-x", "news", "{}");
        }
        client.awaitCount(2 + MANY, HttpSocket.PATIENCE);
        assertTrue(thrown.await(HttpSocket.PATIENCE.toSeconds(), TimeUnit.SECONDS), "it hears on though it throws");
        Await.until("losses to be counted", () -> server.metric("reverb_listener_events_dropped_total", "") > 0);
        sender.assertNothingMore();
        stuck.countDown();
    }

    @Test
    void aListenerOnTheClassPathIsFound(@TempDir Path folder) throws IOException {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve(ReverbListener.class.getName()), Installed.class.getName());
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(new URL[]{folder.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);
            assertEquals(List.of(Installed.class), Listeners.installed().stream().map(Object::getClass).toList());
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
