package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.ChannelId;
import dev.reverb.server.cluster.Publication;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What this node writes to one partition: in order, each frame once.
 *
 * <p>One frame is under way at a time; what comes meanwhile gathers into the next. So the load batches itself, an
 * unknown outcome concerns one frame only, and that one is simply sent again: Redis knows by its number whether it has
 * it. Written frames are retained for the retention; when Redis turns out to lack some (a fail-over lost them), they
 * are
 * sent again from there. While Redis is away publications wait here and count as safe; changes of shared state do not
 * wait, since {@link Holdings} is asserted whole afterwards. Loop only, but for {@link #refuses}.
 */
final class Outbox {

    /** How long a sign of lag holds when it is not repeated. */
    static final long GATE_NANOS = 1_000_000_000L;
    /** How long to wait before a full log is tried again. */
    private static final Duration FULL_PAUSE = Duration.ofMillis(20);

    private final int partition;
    private final LocalNode node;
    private final Link link;
    private final Budget budget;
    private final Runnable lapsed;
    private final byte[][] keys;
    private final Holdings holdings = new Holdings();
    private final FrameComposer composer = new FrameComposer();
    private final Backoff backoff = new Backoff();

    /** Not yet in a frame. */
    private final ArrayDeque<Operation> pending = new ArrayDeque<>();
    private final Set<ChannelId> changedCounts = new LinkedHashSet<>();
    /** Frames to write; the first may be under way. */
    private final ArrayDeque<Frame> unsent = new ArrayDeque<>();
    /** Frames written, oldest first. */
    private final ArrayDeque<Frame> retained = new ArrayDeque<>();
    private long lastSequence;
    /** The frame before the first unsent one as Redis knows it; -1: whatever it knows. */
    private long before = -1;
    private boolean sending;
    private boolean scheduled;
    private boolean asserting;
    private long sweptSequence;

    /** Publications wait here as Redis does not take them. */
    private volatile boolean stalled;
    /** The log holds as much as it may of what another node has yet to read. */
    private volatile boolean full;
    private final AtomicLong pendingBytes = new AtomicLong();
    private volatile long gatedUntil;

    Outbox(int partition, LocalNode node, Link link, Budget budget, Runnable lapsed) {
        this.partition = partition;
        this.node = node;
        this.link = link;
        this.budget = budget;
        this.lapsed = lapsed;
        this.keys = new byte[][]{node.keys.log(partition), node.keys.origins(partition)};
        this.gatedUntil = System.nanoTime();
    }

    Holdings holdings() {
        return holdings;
    }

    /** Whether other nodes lag, or have not read, so much that no more may wait for them here. Any thread. */
    boolean refuses() {
        return (gated() || full) && pendingBytes.get() > node.bounds.gated();
    }

    /** Whether Redis does not take what this partition has. Any thread. */
    boolean stalled() {
        return stalled;
    }

    void publish(Publication publication, int bytes, Receipt receipt) {
        pending.add(new Operation.Publish(publication, bytes, stalled ? Receipt.NONE : receipt));
        pendingBytes.addAndGet(bytes);
        if (stalled) {
            receipt.part();
        }
        wake();
    }

    void join(ChannelId channel, String userId, byte[] data) {
        holdings.join(channel, userId, data);
        change(new Operation.Join(channel, userId, data));
    }

    void leave(ChannelId channel, String userId) {
        holdings.leave(channel, userId);
        change(new Operation.Leave(channel, userId));
    }

    void count(ChannelId channel, int subscriptions) {
        holdings.count(channel, subscriptions);
        if (stalled) {
            asserting = true;
            return;
        }
        boolean first = changedCounts.isEmpty();
        changedCounts.add(channel);
        if (first && !scheduled && !sending) {
            scheduled = true;
            var _ = node.loop.schedule(this::pump, node.timing.counting());
        }
    }

    /** Requests and removals; they wait through an outage like publications. */
    void add(Operation operation) {
        pending.add(operation);
        wake();
    }

    /** This node's entries stand under another name now, or may be gone. */
    void assertAll() {
        if (lastSequence > 0 || !holdings.isEmpty()) {
            asserting = true;
            wake();
        }
    }

    /** Whether this node has anything to compare with what Redis has. */
    boolean used() {
        return lastSequence > 0;
    }

    boolean idle() {
        return unsent.isEmpty() && pending.isEmpty() && changedCounts.isEmpty() && !asserting;
    }

    private void change(Operation operation) {
        if (stalled) {
            asserting = true;
        } else {
            add(operation);
        }
    }

    private void wake() {
        if (!scheduled && !sending && !stalled) {
            scheduled = true;
            node.loop.execute(this::pump);
        }
    }

    private void pump() {
        scheduled = false;
        if (sending || stalled) {
            return;
        }
        if (!link.up()) {
            stall();
            return;
        }
        Frame frame = unsent.peekFirst();
        if (frame == null) {
            if (gated()) {
                scheduled = true;
                var _ = node.loop.schedule(this::pump, Duration.ofMillis(5));
                return;
            }
            frame = next();
            if (frame == null) {
                return;
            }
            unsent.add(frame);
        }
        sending = true;
        Frame sent = frame;
        link.run(Script.WRITE, keys, arguments(sent), (reply, _) -> answered(sent, reply));
    }

    private byte[][] arguments(Frame frame) {
        List<byte[]> arguments = new ArrayList<>(12 + frame.operations.size());
        arguments.add(Keyspace.bytes(node.keys.base(partition)));
        arguments.add(node.keys.topic(partition));
        arguments.add(link.publishVerb());
        arguments.add(Keyspace.bytes(node.timing.retention().toMillis()));
        arguments.add(Keyspace.bytes(node.bounds.log()));
        arguments.add(node.idBytes);
        arguments.add(Keyspace.bytes(frame.sequence));
        arguments.add(before < 0 ? new byte[0] : Keyspace.bytes(before));
        arguments.add(FrameWriter.header(node.idBytes, frame.sequence, frame.news()));
        arguments.add(node.ownerBytes());
        arguments.add(link.slots() ? Keyspace.bytes(1) : new byte[0]);
        arguments.add(Keyspace.bytes(node.timing.lease().toMillis()));
        arguments.addAll(frame.operations);
        return arguments.toArray(byte[][]::new);
    }

    private void answered(Frame frame, @Nullable List<Object> reply) {
        sending = false;
        if (reply == null) {
            stall();
            return;
        }
        backoff.reset();
        switch (((Long) reply.getFirst()).intValue()) {
            case 0, 1 -> written(frame);
            case -1 -> rewind((Long) reply.get(1));
            case -3 -> {
                full = true;
                scheduled = true;
                var _ = node.loop.schedule(this::pump, FULL_PAUSE);
                return;
            }
            default -> lapsed.run();
        }
        pump();
    }

    private void written(Frame frame) {
        full = false;
        unsent.removeFirst();
        before = frame.sequence;
        node.tally.published.add(frame.publications);
        frame.acknowledge();
        budget.give(frame.held);
        frame.written.forEach(Runnable::run);
        frame.writtenAt = System.nanoTime();
        retained.add(frame);
        budget.retain(frame.bytes);
        release();
    }

    private void release() {
        long deadline = System.nanoTime() - node.timing.retention().toNanos();
        while (!retained.isEmpty() && (retained.getFirst().writtenAt < deadline
                || budget.retained() > node.bounds.retained() || !node.switches.replay())) {
            budget.release(retained.removeFirst().bytes);
        }
    }

    /** Redis has nothing of this node after {@code applied}. */
    private void rewind(long applied) {
        long again = 0;
        while (!retained.isEmpty() && retained.getLast().sequence > applied) {
            Frame frame = retained.removeLast();
            budget.release(frame.bytes);
            unsent.addFirst(new Frame(frame.sequence, frame.operations, 0, List.of(), List.of()));
            again++;
        }
        node.tally.replayed.add(again);
        Frame first = unsent.peekFirst();
        before = first != null && first.sequence == applied + 1 && applied > 0 ? applied : -1;
        asserting = true;
    }

    /**
     * Redis does not take frames. What is here is held and counts as safe; it is tried again, or when the link is back.
     */
    private void stall() {
        stalled = true;
        unsent.forEach(Frame::acknowledge);
        acknowledgePending();
        if (!changedCounts.isEmpty()) {
            changedCounts.clear();
            asserting = true;
        }
        if (link.up()) {
            var _ = node.loop.schedule(this::resume, backoff.next());
        }
    }

    /** The link is up. */
    void resume() {
        if (stalled && link.up()) {
            stalled = false;
            wake();
        }
    }

    /** The link is down. */
    void suspend() {
        if (!stalled && !sending) {
            stall();
        }
    }

    /** Subscribers on another node lag: write nothing more for a moment. */
    void gate() {
        gatedUntil = System.nanoTime() + GATE_NANOS;
    }

    /** They have caught up. */
    void ungate() {
        if (gated()) {
            gatedUntil = System.nanoTime();
            wake();
        }
    }

    private boolean gated() {
        return gatedUntil - System.nanoTime() > 0;
    }

    /** Remembers what Redis must have at least when it is asked now. */
    void beforeSweep() {
        sweptSequence = before;
        release();
    }

    /** What Redis has, -1 for nothing. */
    void swept(long applied) {
        if (applied < sweptSequence && !sending) {
            rewind(applied);
            wake();
        }
    }

    private void acknowledgePending() {
        List<Receipt> waiting = new ArrayList<>();
        ArrayDeque<Operation> acknowledged = new ArrayDeque<>(pending.size());
        for (Operation operation : pending) {
            if (operation instanceof Operation.Publish(Publication publication, int bytes, Receipt receipt)) {
                waiting.add(receipt);
                acknowledged.add(new Operation.Publish(publication, bytes, Receipt.NONE));
            } else {
                acknowledged.add(operation);
            }
        }
        pending.clear();
        pending.addAll(acknowledged);
        waiting.forEach(Receipt::part);
    }

    private @Nullable Frame next() {
        List<byte[]> first = new ArrayList<>();
        if (asserting) {
            asserting = false;
            changedCounts.clear();
            pending.removeIf(o -> o instanceof Operation.Join || o instanceof Operation.Leave);
            first = holdings.assertion();
        }
        for (ChannelId channel : changedCounts) {
            Operation.count(first, channel, holdings.count(channel));
        }
        changedCounts.clear();
        Frame frame = composer.compose(lastSequence + 1, first, pending);
        if (frame != null) {
            lastSequence++;
            pendingBytes.addAndGet(-frame.held);
        }
        return frame;
    }
}
