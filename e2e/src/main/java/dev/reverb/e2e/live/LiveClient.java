package dev.reverb.e2e.live;

import dev.reverb.testkit.Received;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One client of one channel that behaves as {@code pusher-js} does: it returns at once after a close code of 4200–4299,
 * after a second from 4100–4199, from codes below 4000 and from a refused handshake, and never after any other. Its
 * WebSocket is the JDK's, not the test kit's: hundreds of clients on four threads, and a second implementation that the
 * server has to suit.
 */
public final class LiveClient implements AutoCloseable {
    private static final Duration HANDSHAKE = Duration.ofSeconds(10);

    private final String name;
    private final String channel;
    private final HttpClient http;
    private final Executor executor;
    private final List<Session> sessions = new CopyOnWriteArrayList<>();
    private final AtomicInteger refused = new AtomicInteger();
    private volatile Application application;
    private volatile @Nullable WebSocket socket;
    private volatile boolean leaving;

    LiveClient(String name, Application application, String channel, HttpClient http, Executor executor) {
        this.name = name;
        this.application = application;
        this.channel = channel;
        this.http = http;
        this.executor = executor;
    }

    void connect() {
        if (leaving) {
            return;
        }
        CompletableFuture<WebSocket> _ = http.newWebSocketBuilder()
                .connectTimeout(HANDSHAKE)
                .buildAsync(application.webSocket(), new Conversation())
                .whenComplete((opened, failure) -> {
                    if (failure != null) {
                        refused.incrementAndGet();
                        retry(1000);
                    }
                });
    }

    private void retry(long millis) {
        if (!leaving) {
            CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS, executor).execute(this::connect);
        }
    }

    public String name() {
        return name;
    }

    public String channel() {
        return channel;
    }

    /** Every connection so far, the present one last. */
    public List<Session> sessions() {
        return List.copyOf(sessions);
    }

    /** Handshakes that failed. */
    public int refused() {
        return refused.get();
    }

    /** Whether it is connected and subscribed. */
    public boolean subscribed() {
        return !sessions.isEmpty() && sessions.getLast().open() && sessions.getLast().subscribedAt() != 0;
    }

    /** Uses other credentials from the next connection on. */
    public void use(Application other) {
        application = other;
    }

    /** Leaves for good; its sessions stay as they are. */
    @Override
    public void close() {
        leaving = true;
        WebSocket current = socket;
        if (current != null) {
            current.abort();
        }
    }

    private final class Conversation implements WebSocket.Listener {
        private final Session session = new Session(name, channel);
        private final StringBuilder partial = new StringBuilder();

        @Override
        public void onOpen(WebSocket opened) {
            socket = opened;
            sessions.add(session);
            opened.request(Long.MAX_VALUE);
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            partial.append(data);
            if (last) {
                String message = partial.toString();
                partial.setLength(0);
                handle(from, message);
            }
            return null;
        }

        private void handle(WebSocket from, String text) {
            Received message = Received.of(text);
            switch (message.event()) {
                case "pusher:connection_established" -> {
                    String id = message.dataJson().path("socket_id").asString();
                    session.established(id);
                    String auth = channel.startsWith("private-") ? ",\"auth\":\"" + application.auth(id, channel) + "\""
                            : "";
                    send(from,
                            "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + channel + "\"" + auth + "}}");
                }
                case "pusher_internal:subscription_succeeded" -> session.subscribed(message.nanos());
                case "pusher:ping" -> send(from, "{\"event\":\"pusher:pong\",\"data\":{}}");
                case Publisher.EVENT -> session.received(message.dataJson().path("seq").asLong());
                case "" -> throw new IllegalStateException("no event: " + text);
                default -> {
                }
            }
        }

        private static void send(WebSocket to, String message) {
            CompletableFuture<WebSocket> _ = to.sendText(message, true);
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            end(code, reason);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            end(Session.ABNORMAL, error.toString());
        }

        private void end(int code, String reason) {
            if (leaving) {
                return;
            }
            session.closed(System.nanoTime(), code, reason);
            if (code >= 4200 && code < 4300) {
                retry(0);
            } else if (code < 4000 || (code >= 4100 && code < 4200)) {
                retry(1000);
            }
        }
    }
}
