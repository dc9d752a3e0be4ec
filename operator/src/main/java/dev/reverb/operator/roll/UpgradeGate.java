package dev.reverb.operator.roll;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets one cluster at a time roll for an operator upgrade, with a pause after each, so that an upgrade never restarts
 * all clusters at once. Any thread.
 */
public final class UpgradeGate {
    private final Duration pause;
    private @Nullable String rolling;
    private Instant free = Instant.EPOCH;

    /** A gate that stays shut for {@code pause} after every roll. */
    public UpgradeGate(Duration pause) {
        this.pause = pause;
    }

    /** Whether the cluster {@code uid} may roll now; it then holds the gate until {@link #leave}. */
    public synchronized boolean enter(String uid, Instant now) {
        if (uid.equals(rolling)) {
            return true;
        }
        if (rolling != null || now.isBefore(free)) {
            return false;
        }
        rolling = uid;
        return true;
    }

    /** Takes the gate from a cluster that is not among {@code present}: it was deleted. */
    public synchronized void retain(Set<String> present, Instant now) {
        String holder = rolling;
        if (holder != null && !present.contains(holder)) {
            leave(holder, now);
        }
    }

    /** The cluster {@code uid} has rolled, or is gone; nothing happens when it does not hold the gate. */
    public synchronized void leave(String uid, Instant now) {
        if (uid.equals(rolling)) {
            rolling = null;
            free = now.plus(pause);
        }
    }
}
