package dev.reverb.server.lifecycle;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.ClusterLoad;
import dev.reverb.server.config.ServerConfig.RebalanceConfig;
import dev.reverb.server.metrics.ServerMeters;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.transport.websocket.LoopConnections;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes connections of a node that has far more than its share since others joined, so that their clients come back
 * elsewhere: at random and at a pace that is never exceeded, not even to make up for a moment in which this process
 * was held
 * up. {@link RebalanceRounds} decides when and how many. State lives on the first event loop; nothing blocks.
 */
public final class Rebalance implements Balance {

    private static final Logger log = LoggerFactory.getLogger(Rebalance.class);

    /** For so long a time at most what was not closed at its time is closed later. */
    private static final double CREDIT_SECONDS = 0.05;

    private final RebalanceConfig config;
    private final long noticeMillis;
    private final List<LoopConnections> loops;
    private final IntSupplier connections;
    private final BooleanSupplier draining;
    private final ServerMeters meters;
    private final RebalanceRounds rounds;
    private ClosingQueue departures = ClosingQueue.NONE;
    private @Nullable ScheduledFuture<?> steps;
    private volatile boolean moving;
    private double credit;
    private long creditedAt;

    /**
     * @param notice how long before its close a client that resumes is notified
     * @param connections how many this node has; any thread
     * @param draining whether it closes them all anyway; any thread
     */
    public Rebalance(RebalanceConfig config, Duration notice, List<LoopConnections> loops, IntSupplier connections,
            BooleanSupplier draining, ServerMeters meters) {
        this.config = config;
        noticeMillis = notice.toMillis();
        this.loops = loops;
        this.connections = connections;
        this.draining = draining;
        this.meters = meters;
        rounds = new RebalanceRounds(config.tolerancePercent());
    }

    @Override
    public OptionalInt connections() {
        return draining.getAsBoolean() ? OptionalInt.empty() : OptionalInt.of(connections.getAsInt());
    }

    @Override
    public boolean moving() {
        return moving;
    }

    @Override
    public void onLoad(ClusterLoad load) {
        onLoop(() -> {
            int mine = connections.getAsInt();
            carryOut(draining.getAsBoolean() ? rounds.stop() : rounds.heard(load, mine), mine);
        });
    }

    @Override
    public void onLinkDown() {
        onLoop(() -> carryOut(rounds.linkDown(), connections.getAsInt()));
    }

    private void onLoop(Runnable task) {
        if (config.enabled()) {
            var _ = loops.getFirst().loop().execute(task); // refused when the server has ended
        }
    }

    private void carryOut(RebalanceRounds.Change change, int mine) {
        moving = rounds.busy();
        switch (change) {
            case NONE -> {
            }
            case BEGIN -> begin(mine);
            case END -> end(mine);
            case GIVE_UP -> log.info("rebalancing stops: clients that were closed came back here, not to the others");
        }
    }

    private void begin(int mine) {
        log.info("rebalancing: {} connections here, {} on each of {} servers in the mean: closing {} at {} a second",
                mine, Math.round(rounds.mean()), rounds.nodes(), rounds.goal(), config.closesPerSecond());
        meters.rebalancing().set(1);
        departures = ClosingQueue.NONE;
        var _ = ClosingQueue.of(loops, ProtocolError.MOVED).thenAccept(all -> onLoop(() -> start(all)));
    }

    private void start(ClosingQueue all) {
        if (!rounds.active() || steps != null) {
            return; // stopped meanwhile
        }
        departures = all;
        credit = 1;
        creditedAt = System.nanoTime();
        steps = loops.getFirst()
                .loop()
                .eventLoop()
                .scheduleAtFixedRate(this::step, 0, ClosingQueue.STEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void step() {
        departures.closeDue();
        int mine = connections.getAsInt() - departures.waiting();
        if (draining.getAsBoolean()) {
            carryOut(rounds.stop(), mine);
            return;
        }
        long now = System.nanoTime();
        double most = Math.max(1, config.closesPerSecond() * CREDIT_SECONDS);
        credit = Math.min(most, credit + config.closesPerSecond() * (now - creditedAt) / 1e9);
        creditedAt = now;
        while (credit >= 1 && rounds.mayClose(mine) && departures.closed() < departures.size()) {
            if (departures.closeNext(noticeMillis)) {
                credit--;
                rounds.closed();
                meters.rebalanceMoved().increment();
            }
        }
        boolean over = rounds.over(mine) || departures.closed() == departures.size();
        if (over && departures.waiting() == 0) {
            carryOut(rounds.ended(), mine);
        }
    }

    private void end(int mine) {
        if (steps != null) {
            steps.cancel(false);
            steps = null;
        }
        departures = ClosingQueue.NONE;
        meters.rebalancing().set(0);
        log.info("rebalancing: this round is over, {} of {} closed; {} connections here", rounds.closedCount(),
                rounds.goal(), mine);
    }
}
