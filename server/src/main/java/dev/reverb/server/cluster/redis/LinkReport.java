package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.redis.base.Clock;
import dev.reverb.server.cluster.redis.fault.RedisError;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs the state of the link: one line for each change, with the address and Redis's own words, however many attempts
 * fail alike. What passes by itself while Redis starts or fails over is logged only when it stays. Cluster thread only,
 * but for {@link #reason}.
 */
final class LinkReport {

    private static final Logger log = LoggerFactory.getLogger(LinkReport.class);

    /** How long Redis may take at the start before that is logged, and how long a passing fault has to stay. */
    static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Clock clock;
    private boolean up;
    private boolean wasUp;
    private boolean startOverdue;
    private long downSince;
    /** What the log has; null before the first line. */
    private @Nullable RedisError logged;
    /** Another fault than the logged one, and since when. */
    private @Nullable RedisError other;
    private long otherSince;
    private volatile @Nullable RedisError current;
    /** Why new settings are not in force, as the log has it. */
    private @Nullable RedisError refused;

    LinkReport(Clock clock) {
        this.clock = clock;
        downSince = clock.nanos();
    }

    /** What is wrong now; empty while the link is up, or nothing has failed yet. Any thread. */
    Optional<String> reason() {
        RedisError error = current;
        return error == null ? Optional.empty() : Optional.of(says(error));
    }

    void onUp() {
        log.info("Redis is reached{}",
                wasUp ? " again after " + (clock.nanos() - downSince) / 1_000_000 + " ms; recovering" : "");
        up = true;
        wasUp = true;
        refused = null;
        logged = null;
        other = null;
        current = null;
    }

    void onDown(RedisError error) {
        up = false;
        downSince = clock.nanos();
        note(error);
    }

    void onAttemptFailed(RedisError error) {
        if (up) {
            return;
        }
        current = error;
        if (!wasUp && !startOverdue) {
            return; // the line at the end of the patience says it
        }
        RedisError known = logged;
        if (known != null && known.fault() == error.fault()) {
            other = null;
        } else if (error.fault().lasting()) {
            note(error);
        } else {
            RedisError candidate = other;
            if (candidate == null || candidate.fault() != error.fault()) {
                other = error;
                otherSince = clock.nanos();
            } else if (clock.nanos() - otherSince >= PATIENCE.toNanos()) {
                note(error);
            }
        }
    }

    /** The link works over new settings. */
    void onReplaced() {
        log.info("Redis is reached with its new settings");
        refused = null;
        logged = null;
        other = null;
        current = null;
    }

    /** New settings do not work; those before do. */
    void onReplacementFailed(RedisError error) {
        if (refused == null || refused.fault() != error.fault()) {
            refused = error;
            log.warn("The new settings of Redis do not work ({}); the link stays as it was and they are tried again",
                    error);
        }
    }

    /** The patience of the start is over. */
    void onStartOverdue() {
        startOverdue = true;
        if (!up && !wasUp) {
            RedisError error = current;
            logged = error;
            log.warn("Redis is not reached yet ({}); serving on local knowledge until it is",
                    error == null ? "no answer" : error);
        }
    }

    /** The heartbeat is refused though the link is up. */
    void onLeaseRefused(RedisError error) {
        if (current == null) {
            current = error;
            log.warn("{}; delivering locally until it takes this node's heartbeat", says(error));
        }
    }

    /** The heartbeat is answered. */
    void onLeaseConfirmed() {
        if (current != null && up) {
            current = null;
            log.info("Redis takes this node's heartbeat again");
        }
    }

    private void note(RedisError error) {
        current = error;
        logged = error;
        other = null;
        log.warn("{}; delivering locally until it {}", says(error), error.refusal() ? "does not" : "is");
    }

    private static String says(RedisError error) {
        return (error.refusal() ? "Redis refuses what this node needs (" : "Redis is not reached (") + error + ")";
    }
}
