package dev.reverb.server.cluster;

import dev.reverb.testkit.Await;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;

/** A node's connections, as a test says them, and what the node received of everybody's. Any thread. */
public final class Scales implements Balance {

    private static final Duration SOON = Duration.ofSeconds(15);

    private final AtomicInteger losses = new AtomicInteger();
    private volatile OptionalInt connections = OptionalInt.of(0);
    private volatile boolean moving;
    private volatile ClusterLoad load = new ClusterLoad(-1, 0, 0, 0, 0);

    public void has(int connections) {
        this.connections = OptionalInt.of(connections);
    }

    /** It gives away what it has. */
    public void takesNone() {
        connections = OptionalInt.empty();
    }

    public void moves(boolean some) {
        moving = some;
    }

    /** What was received last. */
    public ClusterLoad load() {
        return load;
    }

    /** How often the link was lost. */
    public int losses() {
        return losses.get();
    }

    /** Waits until that is received. */
    public void awaitLoad(int nodes, long connections, int fewest) {
        Await.until(SOON, () -> load + "",
                () -> load.nodes() == nodes && load.connections() == connections && load.fewest() == fewest);
    }

    @Override
    public OptionalInt connections() {
        return connections;
    }

    @Override
    public boolean moving() {
        return moving;
    }

    @Override
    public void onLoad(ClusterLoad heard) {
        load = heard;
    }

    @Override
    public void onLinkDown() {
        losses.incrementAndGet();
    }
}
