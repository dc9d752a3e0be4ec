package dev.reverb.server.cluster.redis.base;

import dev.reverb.server.cluster.redis.budget.MemoryLimits;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What each application may put into the shared log by way of this node: a quarter of what all may have at once, and a
 * sixteenth of it a second. So one application's clients neither fill Redis nor take all of its time. Any thread.
 */
public final class AppShares {

    private static final Logger log = LoggerFactory.getLogger(AppShares.class);
    private static final long SECOND = 1_000_000_000L;
    private static final long LOG_INTERVAL = 60 * SECOND;
    /** From so many applications on, those that have their whole share left are forgotten. */
    private static final int MANY = 1_024;

    private final Clock clock;
    private final ClusterCounters counters;
    private final long burst;
    private final long rate;
    private final Map<String, Share> shares = new ConcurrentHashMap<>();
    private final AtomicLong loggedAt;

    /** One application's share. */
    private static final class Share {
        /** {@link Clock#nanos} at which the whole share is there again. */
        final AtomicLong whole;
        volatile long refusedAt;

        Share(long now) {
            whole = new AtomicLong(now);
            refusedAt = now - LOG_INTERVAL;
        }
    }

    public AppShares(Clock clock, MemoryLimits limits, ClusterCounters counters) {
        this.clock = clock;
        this.counters = counters;
        this.burst = limits.logs() / 4;
        this.rate = Math.max(1, limits.logs() / 16);
        this.loggedAt = new AtomicLong(clock.nanos() - LOG_INTERVAL);
    }

    /** Takes {@code bytes} of the share of {@code app}, or nothing when it has less left. */
    public boolean take(String app, long bytes) {
        long now = clock.nanos();
        Share share = shares.get(app);
        if (share == null) {
            forget(now);
            share = shares.computeIfAbsent(app, _ -> new Share(now));
        }
        long cost = nanos(bytes);
        while (true) {
            long whole = share.whole.get();
            long after = Math.max(whole - now, 0) + cost;
            if (after > Math.max(nanos(burst), cost)) { // what is larger than a share passes alone
                refused(app, share, now);
                return false;
            }
            if (share.whole.compareAndSet(whole, now + after)) {
                return true;
            }
        }
    }

    /** Gives back what {@link #take} took. */
    public void give(String app, long bytes) {
        Share share = shares.get(app);
        if (share != null) {
            share.whole.addAndGet(-nanos(bytes));
        }
    }

    /** What to say to whoever publishes for {@code app} and was refused just now; null when its share is not why. */
    public @Nullable String refusal(String app) {
        Share share = shares.get(app);
        return share == null || clock.nanos() - share.refusedAt > SECOND ? null
                : "The application publishes more than its share of what all servers hold together: " + burst
                        + " bytes at once and " + rate + " bytes a second for each server; nothing was delivered";
    }

    private long nanos(long bytes) {
        return (long) (bytes * ((double) SECOND / rate));
    }

    private void refused(String app, Share share, long now) {
        share.refusedAt = now;
        counters.overShare().increment();
        long last = loggedAt.get();
        if (now - last >= LOG_INTERVAL && loggedAt.compareAndSet(last, now)) {
            log.warn(
                    "application {} publishes more than its share of the log in Redis ({} bytes at once, {} bytes a"
                            + " second); what is more is refused (said once a minute for all applications)",
                    app, burst, rate);
        }
    }

    private void forget(long now) {
        if (shares.size() >= MANY) {
            shares.values().removeIf(share -> share.whole.get() - now <= 0);
        }
    }
}
