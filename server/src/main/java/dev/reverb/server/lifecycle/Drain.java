package dev.reverb.server.lifecycle;

import dev.reverb.server.config.ServerConfig.DrainConfig;
import dev.reverb.server.metrics.ServerMeters;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.transport.websocket.LoopConnections;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Closes all connections so that their clients come back at once, elsewhere: in random order and at a pace, because
 * clients add no jitter of their own, or all together where nobody else serves.
 *
 * <p>Pace: {@code closesPerSecond}, or as much faster as the duration demands, so few connections end in a moment and
 * many in exactly the duration. What is left at the deadline is closed at once and counted as cut. Where others serve,
 * a client that resumes is notified some seconds before its close, so that it changes over first; its turn in the pace
 * is when it is notified. Runs on event loops; nothing blocks.
 */
public final class Drain {

    /** How long closing handshakes may take once the last close frame was sent. */
    private static final long LINGER_MILLIS = 2500;
    /**
     * How long a back end's kept connection is served after that, so that its next reply closes it
     * ({@code Connection: close}).
     */
    private static final long KEPT_MILLIS = 1000;
    /**
     * How long a server that is alone goes on listening after the last close of a pace: a client that was closed to
     * return after a second has to find it, and is held, or it would find a closed port and wait for 15 s.
     */
    private static final long RETURN_MILLIS = 1300;
    /**
     * Of a longer time between two steps the rest is not made up for: this process was held up, the others were not.
     */
    private static final long HELD_UP_MILLIS = 200;

    private final List<LoopConnections> loops;
    private final ServerMeters meters;
    private final ProtocolError reason;
    private final CompletableFuture<DrainReport> done = new CompletableFuture<>();
    private final long start = System.nanoTime();
    private ClosingQueue departures = ClosingQueue.NONE;
    private int total;
    private int cut;
    private double slowestPerMilli;
    private long deadlineMillis;
    /** How long before its close a client that resumes is notified. */
    private long noticeMillis;
    private long lastStep;
    /** How many may be closed now, the first one at once. */
    private double allowed = 1;

    /** @param reason the code that connections are closed with */
    public Drain(List<LoopConnections> loops, ServerMeters meters, ProtocolError reason) {
        this.loops = loops;
        this.meters = meters;
        this.reason = reason;
    }

    /** Begins. {@code duration} zero closes all at once. */
    public CompletableFuture<DrainReport> run(DrainConfig config, Duration duration) {
        meters.draining().set(1);
        var _ = ClosingQueue.of(loops, reason).thenAccept(all -> begin(all, config, duration));
        return done;
    }

    /** How it went until the loops ended, with which it ends too; after that only. */
    public DrainReport brokenOff() {
        return report(cut + total - departures.closed() + departures.waiting());
    }

    private DrainReport report(int cut) {
        return new DrainReport(total, cut, Duration.ofNanos(System.nanoTime() - start));
    }

    private void begin(ClosingQueue all, DrainConfig config, Duration duration) {
        departures = all;
        total = all.size();
        meters.drainRemaining().set(total);
        deadlineMillis = duration.toMillis();
        slowestPerMilli = config.closesPerSecond() / 1000.0;
        if (reason == ProtocolError.RECONNECT && all.anyResumes()) {
            noticeMillis = Math.min(config.notice().toMillis(), deadlineMillis / 2);
        }
        if (reason == ProtocolError.RETURN_LATER && deadlineMillis > 0) {
            // clients return a second after their close, when a successor has to listen: whoever else needs time, such
            // as a back end's kept connection, has it before the first close and not after the last
            lastStep = Math.min(KEPT_MILLIS, deadlineMillis / 2);
            loops.getFirst().loop().eventLoop().schedule(this::step, lastStep, TimeUnit.MILLISECONDS);
        } else {
            step();
        }
    }

    private long elapsedMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    private void step() {
        long elapsed = elapsedMillis();
        long lastTurn = deadlineMillis - noticeMillis; // so that who is notified then is closed at the deadline
        int left = total - departures.closed();
        if (elapsed < lastTurn) {
            double perMilli = Math.max(slowestPerMilli, (double) left / (lastTurn - elapsed));
            allowed += perMilli * Math.min(elapsed - lastStep, HELD_UP_MILLIS);
        } else {
            allowed = left;
            if (deadlineMillis > 0 && left > 0 && elapsed > lastTurn + ClosingQueue.STEP_MILLIS * 5) {
                cut = left; // this process was held up, and the pace with it
                meters.drainCut().add(cut);
            }
        }
        lastStep = elapsed;
        for (; allowed >= 1 && departures.closed() < total; allowed--) {
            departures.closeNext(noticeMillis);
        }
        departures.closeDue();
        meters.drainRemaining().set(total - departures.closed() + departures.waiting());
        if (departures.closed() < total || departures.waiting() > 0) {
            loops.getFirst().loop().eventLoop().schedule(this::step, ClosingQueue.STEP_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            await(elapsedMillis());
        }
    }

    /**
     * Ends when every client has answered its close frame, or has had time to, and, where others serve, back ends had
     * time to notice, or, after a pace where nobody does, the last client had time to return. Held ones end with the
     * process.
     */
    private void await(long lastClose) {
        long waited = elapsedMillis() - lastClose;
        boolean alone = reason == ProtocolError.RETURN_LATER;
        boolean served = deadlineMillis == 0 || waited >= (alone ? RETURN_MILLIS : KEPT_MILLIS);
        if ((meters.sockets().get() == 0 && (!alone || served)) || waited >= LINGER_MILLIS
                || (served && departures.open() == 0)) {
            meters.draining().set(0);
            done.complete(report(cut));
        } else {
            loops.getFirst()
                    .loop()
                    .eventLoop()
                    .schedule(() -> await(lastClose), ClosingQueue.STEP_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
