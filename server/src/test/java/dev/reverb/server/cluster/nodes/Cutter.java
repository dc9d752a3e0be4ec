package dev.reverb.server.cluster.nodes;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.CutProxy;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Cuts links at random, for up to a while, and mends them, until it is closed. */
final class Cutter implements AutoCloseable {

    private final ScheduledExecutorService timer = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());
    private final List<CutProxy> links;
    private final long longest;
    private final Random random;
    private final Set<CutProxy> spared = ConcurrentHashMap.newKeySet();
    private final AtomicInteger cuts = new AtomicInteger();

    /** @param seed of what happens when */
    Cutter(List<CutProxy> links, Duration longest, long seed) {
        this.links = links;
        this.longest = longest.toMillis();
        this.random = new Random(seed);
        links.forEach(this::later);
    }

    private void later(CutProxy link) {
        timer.schedule(() -> cut(link), random.nextLong(longest / 3, longest), TimeUnit.MILLISECONDS);
    }

    private void cut(CutProxy link) {
        if (!spared.contains(link)) {
            cuts.incrementAndGet();
            link.cut();
            timer.schedule(link::mend, random.nextLong(longest / 20, longest), TimeUnit.MILLISECONDS);
        }
        timer.schedule(() -> later(link), longest, TimeUnit.MILLISECONDS);
    }

    /** How many there were. */
    int cuts() {
        return cuts.get();
    }

    /** Leaves this link alone from now on. */
    void spare(CutProxy link) {
        spared.add(link);
        link.mend();
    }

    /** No longer spares it. */
    void resume(CutProxy link) {
        spared.remove(link);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        Await.until(Duration.ofSeconds(10), () -> "a cut blocked", timer::isTerminated);
        links.forEach(CutProxy::mend);
    }
}
