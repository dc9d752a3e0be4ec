package dev.reverb.server.cli;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client on one public channel: what it received, and the code that it was closed with. By the JDK's WebSocket, which
 * speaks TLS and checks certificates, as the test kit's {@code WireClient} does not.
 */
final class Subscriber implements WebSocket.Listener {
    private static final long PATIENCE_MILLIS = 60_000;

    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final List<String> messages = new ArrayList<>();
    private final StringBuilder part = new StringBuilder();

    /** Connects and subscribes; returns when the server has said so. */
    static Subscriber join(HttpClient http, int port, String key, String channel) throws InterruptedException {
        return join(http, "ws://127.0.0.1:" + port, key, channel);
    }

    /** The same at any address, such as {@code wss://localhost:443}. */
    static Subscriber join(HttpClient http, String root, String key, String channel) throws InterruptedException {
        Subscriber subscriber = new Subscriber();
        subscriber.connect(http.newWebSocketBuilder(), root, key)
                .sendText("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + channel + "\"}}", true)
                .join();
        subscriber.await("subscription_succeeded");
        return subscriber;
    }

    /** Connects; returns when the server has greeted. */
    WebSocket connect(WebSocket.Builder builder, String root, String key) throws InterruptedException {
        WebSocket socket = builder
                .buildAsync(URI.create(root + "/app/" + key + "?protocol=7&client=test&version=1"), this)
                .join();
        await("connection_established");
        return socket;
    }

    /** Waits for a message that holds {@code text}. */
    synchronized String await(String text) throws InterruptedException {
        long end = System.currentTimeMillis() + PATIENCE_MILLIS;
        while (System.currentTimeMillis() < end) {
            for (String message : messages) {
                if (message.contains(text)) {
                    return message;
                }
            }
            wait(100);
        }
        throw new AssertionError("no " + text + " in " + messages);
    }

    /** Whether it was closed. */
    boolean isClosed() {
        return closed.isDone();
    }

    /** Waits for the close; returns its code. */
    int closeCode() throws Exception {
        return closed.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        part.append(data);
        if (last) {
            messages.add(part.toString());
            part.setLength(0);
            notifyAll();
        }
        socket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int statusCode, String reason) {
        closed.complete(statusCode);
        return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
        closed.completeExceptionally(error);
    }
}
