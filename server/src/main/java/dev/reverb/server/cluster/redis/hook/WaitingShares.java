package dev.reverb.server.cluster.redis.hook;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What each application has of one partition's events: how much is under way, and from where it waits in Redis, so that
 * one whose receiver is away takes the room of no other. Sizes are bytes as Redis counts them. Not thread-safe.
 */
final class WaitingShares {

    /** Bytes of one application after which no more of it come under way; they take memory here. */
    private static final long UNDER_WAY = 1 << 20;
    /** Bytes of all applications, under way and waiting; Redis itself drops the older half of all beyond 8 MiB. */
    private static final long MOST = 6 << 20;

    private static final class Share {
        private long underWay;
        private long waiting;
        /** The entry before the first that waits; null when none does. */
        private @Nullable String before;
    }

    private final Map<String, Share> shares = new HashMap<>();
    private long total;

    /** What comes for an entry that was read. */
    enum Place {
        /** It is under way from now on; {@link #gone} ends that. */
        TAKEN,
        /** It stays in Redis until {@link #withRoom} names its application. */
        WAITS,
        /** There is no room for it. */
        DROPPED
    }

    /** A new entry of {@code app}, of {@code bytes}, that follows the entry {@code before}. */
    Place newest(String app, long bytes, String before) {
        Share share = shares.computeIfAbsent(app, _ -> new Share());
        if (share.before == null && share.underWay < UNDER_WAY) {
            take(share, bytes);
            return Place.TAKEN;
        }
        if (total + bytes > MOST && mostHas(share)) {
            return Place.DROPPED;
        }
        if (share.before == null) {
            share.before = before;
        }
        share.waiting += bytes;
        total += bytes;
        return Place.WAITS;
    }

    private void take(Share share, long bytes) {
        share.underWay += bytes;
        total += bytes;
    }

    private boolean mostHas(Share share) {
        long own = share.underWay + share.waiting;
        return shares.values().stream().allMatch(other -> other.underWay + other.waiting <= own);
    }

    /** An application of which entries wait and half of whose room is free. */
    Optional<String> withRoom() {
        return shares.entrySet()
                .stream()
                .filter(share -> share.getValue().before != null && share.getValue().underWay < UNDER_WAY / 2)
                .map(Map.Entry::getKey)
                .findAny();
    }

    /** The entry after which those of {@code app} wait. */
    String before(String app) {
        Share share = shares.get(app);
        return share == null || share.before == null ? "-" : share.before;
    }

    /** Whether the next entry of {@code app} that waits is under way from now on. */
    boolean next(String app, long bytes, String entry) {
        Share share = shares.get(app);
        if (share == null || share.underWay >= UNDER_WAY) {
            return false;
        }
        long counted = Math.min(share.waiting, bytes);
        share.waiting -= counted;
        total -= counted;
        take(share, bytes);
        share.before = entry;
        return true;
    }

    /** Up to {@code entry} nothing of {@code app} waits. */
    void passed(String app, String entry) {
        Share share = shares.get(app);
        if (share != null) {
            share.before = entry;
        }
    }

    /** Nothing of {@code app} waits. */
    void caughtUp(String app) {
        Share share = shares.get(app);
        if (share != null) {
            total -= share.waiting;
            share.waiting = 0;
            share.before = null;
            forgetIfEmpty(app, share);
        }
    }

    /** An entry that was under way is no more in Redis. */
    void gone(String app, long bytes) {
        Share share = shares.get(app);
        if (share != null) {
            share.underWay -= bytes;
            total -= bytes;
            forgetIfEmpty(app, share);
        }
    }

    private void forgetIfEmpty(String app, Share share) {
        if (share.underWay <= 0 && share.before == null) {
            shares.remove(app);
        }
    }

    /** All is read anew from the beginning. */
    void anew() {
        for (String app : shares.keySet().toArray(String[]::new)) {
            caughtUp(app);
        }
    }
}
