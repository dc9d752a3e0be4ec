package dev.reverb.server.protocol;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When a signature made with a previous secret last verified, so that somebody can see that nobody uses it any more.
 * Writes happen only for such a signature; one that the current secret verifies costs nothing. Any thread.
 */
public final class PreviousSecretUse {

    /** Milliseconds since the epoch, by secret. */
    private final Map<String, Long> last = new ConcurrentHashMap<>();

    void used(String secret) {
        last.put(secret, System.currentTimeMillis());
    }

    /** The last use of any of {@code secrets} since the start; empty when there was none. */
    public Optional<Instant> lastOf(Collection<String> secrets) {
        return secrets.stream()
                .flatMap(secret -> Optional.ofNullable(last.get(secret)).stream())
                .max(Long::compare)
                .map(Instant::ofEpochMilli);
    }

    /** Forgets {@code secrets}, which are accepted no longer. */
    public void forget(Collection<String> secrets) {
        last.keySet().removeAll(secrets);
    }
}
