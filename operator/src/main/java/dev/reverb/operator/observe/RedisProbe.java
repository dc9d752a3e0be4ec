package dev.reverb.operator.observe;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Opens a TCP connection to an external Redis at most every ten seconds, on a virtual thread, so that no reconcile
 * waits for it. Any thread.
 */
final class RedisProbe {
    private static final Duration AGE = Duration.ofSeconds(10);
    private static final int PATIENCE_MILLIS = 2_000;

    private final Map<List<String>, Attempt> attempts = new ConcurrentHashMap<>();

    private record Attempt(Instant at, @Nullable Boolean answered) {}

    /** Whether one of {@code endpoints} took a connection lately; empty while that is not known. */
    Optional<Boolean> answered(List<String> endpoints, Instant now) {
        if (endpoints.isEmpty()) {
            return Optional.empty();
        }
        Attempt last = attempts.get(endpoints);
        if (last == null || last.at().plus(AGE).isBefore(now)) {
            Boolean known = last == null ? null : last.answered();
            attempts.put(endpoints, new Attempt(now, known));
            Thread.ofVirtual()
                    .name("redis-probe")
                    .start(() -> attempts.put(endpoints,
                            new Attempt(now, endpoints.stream().anyMatch(RedisProbe::answers))));
            return Optional.ofNullable(known);
        }
        return Optional.ofNullable(last.answered());
    }

    private static boolean answers(String endpoint) {
        int colon = endpoint.lastIndexOf(':');
        String host = endpoint.substring(0, colon).replaceAll("[\\[\\]]", "");
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, Integer.parseInt(endpoint.substring(colon + 1))),
                    PATIENCE_MILLIS);
            return true;
        } catch (IOException | IllegalArgumentException _) {
            return false; // unknown name, refused or no answer: the condition RedisReachable says so
        }
    }
}
