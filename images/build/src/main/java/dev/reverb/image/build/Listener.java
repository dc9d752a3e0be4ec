package dev.reverb.image.build;

import java.io.IOException;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Keeps everything that one training client received, so that its owner can wait for a word in it. */
final class Listener implements WebSocket.Listener {

    private static final Pattern SOCKET_ID = Pattern.compile("socket_id\\\\\":\\\\\"([0-9.]+)");
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final StringBuilder received = new StringBuilder();
    private volatile @Nullable WebSocket socket;

    @Override
    public void onOpen(WebSocket opened) {
        socket = opened;
        opened.request(Long.MAX_VALUE);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        synchronized (received) {
            received.append(data).append(last ? "\n" : "");
            received.notifyAll();
        }
        return null;
    }

    WebSocket socket() {
        WebSocket opened = socket;
        if (opened == null) {
            throw new IllegalStateException("not connected");
        }
        return opened;
    }

    String socketId() throws IOException {
        synchronized (received) {
            Matcher matcher = SOCKET_ID.matcher(received);
            if (!matcher.find()) {
                throw new IOException("no socket id in " + received);
            }
            return matcher.group(1);
        }
    }

    void await(String word) throws IOException, InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        synchronized (received) {
            while (received.indexOf(word) < 0) {
                long left = Duration.between(Instant.now(), end).toMillis();
                if (left <= 0) {
                    throw new IOException("a client waited in vain for \"" + word + "\"; it received:\n" + received);
                }
                TimeUnit.MILLISECONDS.timedWait(received, left);
            }
        }
    }
}
