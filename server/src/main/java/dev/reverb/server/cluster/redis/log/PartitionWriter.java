package dev.reverb.server.cluster.redis.log;

import dev.reverb.server.cluster.ChannelId;
import dev.reverb.server.cluster.Publication;
import dev.reverb.server.cluster.redis.base.Backoff;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.base.WriteBudget;
import dev.reverb.server.cluster.redis.flow.FlowControl;
import dev.reverb.server.cluster.redis.frame.Ack;
import dev.reverb.server.cluster.redis.frame.Frame;
import dev.reverb.server.cluster.redis.frame.FrameComposer;
import dev.reverb.server.cluster.redis.frame.FrameWriter;
import dev.reverb.server.cluster.redis.frame.Operation;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.Script;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What this node writes to one partition: in order, each frame once.
 *
 * <p>One frame is under way at a time; what comes meanwhile gathers into the next. So the load batches itself, an
 * unknown outcome concerns one frame only, and that one is simply sent again: Redis knows by its number whether it has
 * it. Written frames are retained for the retention; when Redis turns out to lack some (a fail-over lost them), they
 * are
 * sent again from there. While Redis is away publications wait here and count as safe; changes of shared state do not
 * wait, since {@link OwnedState} is asserted whole afterwards. Cluster thread only, but for {@link #refuses}.
 */
public final class PartitionWriter {

    /** How long to wait before a full log is tried again. */
    private static final Duration FULL_PAUSE = Duration.ofMillis(20);

    private final int partition;
    private final ClusterNode node;
    private final Link link;
    private final WriteBudget budget;
    private final Consumer<String> leaseLost;
    private final byte[][] keys;
    private final OwnedState owned = new OwnedState();
    private final FrameComposer composer = new FrameComposer();
    private final Backoff backoff;

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

    public PartitionWriter(int partition, ClusterNode node, Link link, WriteBudget budget, Consumer<String> leaseLost) {
        this.partition = partition;
        this.node = node;
        this.link = link;
        this.budget = budget;
        this.leaseLost = leaseLost;
        this.backoff = new Backoff(node.random());
        this.keys = new byte[][]{node.keys().log(partition), node.keys().origins(partition)};
        this.gatedUntil = node.clock().nanos();
    }

    public OwnedState owned() {
        return owned;
    }

    /** Whether other nodes lag, or have not read, so much that no more may wait for them here. Any thread. */
    public boolean refuses() {
        return (gated() || full) && pendingBytes.get() > node.limits().gated();
    }

    /** Whether Redis does not take what this partition has. Any thread. */
    public boolean stalled() {
        return stalled;
    }

    public void publish(Publication publication, int bytes, Ack receipt) {
        pending.add(new Operation.Publish(publication, bytes, stalled ? Ack.NONE : receipt));
        pendingBytes.addAndGet(bytes);
        if (stalled) {
            receipt.part();
        }
        wake();
    }

    public void join(ChannelId channel, String userId, byte[] data) {
        owned.join(channel, userId, data);
        change(new Operation.Join(channel, userId, data));
    }

    public void leave(ChannelId channel, String userId) {
        owned.leave(channel, userId);
        change(new Operation.Leave(channel, userId));
    }

    public void count(ChannelId channel, int subscriptions) {
        owned.count(channel, subscriptions);
        if (stalled) {
            asserting = true;
            return;
        }
        boolean first = changedCounts.isEmpty();
        changedCounts.add(channel);
        if (first && !scheduled && !sending) {
            scheduled = true;
            node.scheduler().schedule(this::pump, node.timing().counting());
        }
    }

    /** Requests and removals; they wait through an outage like publications. */
    public void add(Operation operation) {
        pending.add(operation);
        wake();
    }

    /** This node's entries stand under another name now, or may be gone. */
    public void assertAll() {
        if (lastSequence > 0 || !owned.isEmpty()) {
            asserting = true;
            wake();
        }
    }

    /** Whether this node has anything to compare with what Redis has. */
    public boolean used() {
        return lastSequence > 0;
    }

    public boolean idle() {
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
            node.scheduler().execute(this::pump);
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
                node.scheduler().schedule(this::pump, Duration.ofMillis(5));
                return;
            }
            frame = next();
            if (frame == null) {
                return;
            }
            unsent.add(frame);
        }
        String owner = node.identity().owner();
        if (!frame.owner.equals(owner)) {
            unsent.removeFirst();
            frame = frame.adopted(owner);
            unsent.addFirst(frame);
            asserting = true;
        }
        sending = true;
        Frame sent = frame;
        link.run(Script.WRITE, keys, arguments(sent), (reply, _) -> answered(sent, owner, reply));
    }

    private byte[][] arguments(Frame frame) {
        List<byte[]> arguments = new ArrayList<>(12 + frame.operations.size());
        arguments.add(Keyspace.bytes(node.keys().base(partition)));
        arguments.add(node.keys().topic(partition));
        arguments.add(link.publishVerb());
        arguments.add(Keyspace.bytes(node.timing().retention().toMillis()));
        arguments.add(Keyspace.bytes(node.limits().log()));
        arguments.add(node.identity().idBytes());
        arguments.add(Keyspace.bytes(frame.sequence));
        arguments.add(before < 0 ? new byte[0] : Keyspace.bytes(before));
        arguments.add(FrameWriter.header(node.identity().idBytes(), frame.sequence, frame.news()));
        arguments.add(node.identity().ownerBytes());
        arguments.add(link.slots() ? Keyspace.bytes(1) : new byte[0]);
        arguments.add(Keyspace.bytes(node.timing().lease().toMillis()));
        arguments.addAll(frame.operations);
        return arguments.toArray(byte[][]::new);
    }

    private void answered(Frame frame, String owner, @Nullable List<Object> reply) {
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
                node.scheduler().schedule(this::pump, FULL_PAUSE);
                return;
            }
            default -> {
                leaseLost.accept(owner);
                if (owner.equals(node.identity().owner())) { // this node is leaving: it takes no other
                    stall();
                    return;
                }
            }
        }
        pump();
    }

    private void written(Frame frame) {
        full = false;
        unsent.removeFirst();
        before = frame.sequence;
        node.counters().published().add(frame.publications);
        frame.acknowledge();
        budget.give(frame.held);
        frame.written.forEach(Runnable::run);
        frame.writtenAt = node.clock().nanos();
        retained.add(frame);
        budget.retain(frame.bytes);
        release();
    }

    private void release() {
        long deadline = node.clock().nanos() - node.timing().retention().toNanos();
        while (!retained.isEmpty()
                && (retained.getFirst().writtenAt < deadline || budget.retained() > node.limits().retained())) {
            budget.release(retained.removeFirst().bytes);
        }
    }

    /** Redis has nothing of this node after {@code applied}. */
    private void rewind(long applied) {
        long again = 0;
        while (!retained.isEmpty() && retained.getLast().sequence > applied) {
            Frame frame = retained.removeLast();
            budget.release(frame.bytes);
            unsent.addFirst(frame.again());
            again++;
        }
        node.counters().replayed().add(again);
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
            node.scheduler().schedule(this::resume, backoff.next());
        }
    }

    /** The link is up. */
    public void resume() {
        if (stalled && link.up()) {
            stalled = false;
            wake();
        }
    }

    /** The link is down. */
    public void suspend() {
        if (!stalled && !sending) {
            stall();
        }
    }

    /** Subscribers on another node lag: write nothing more for a moment. */
    public void gate() {
        gatedUntil = node.clock().nanos() + FlowControl.GATE_NANOS;
    }

    /** They have caught up. */
    public void ungate() {
        if (gated()) {
            gatedUntil = node.clock().nanos();
            wake();
        }
    }

    private boolean gated() {
        return gatedUntil - node.clock().nanos() > 0;
    }

    /** Remembers what Redis must have at least when it is asked now. */
    public void beforeSweep() {
        sweptSequence = before;
        release();
    }

    /** What Redis has, -1 for nothing. */
    public void swept(long applied) {
        if (applied < sweptSequence && !sending) {
            rewind(applied);
            wake();
        }
    }

    private void acknowledgePending() {
        List<Ack> waiting = new ArrayList<>();
        ArrayDeque<Operation> acknowledged = new ArrayDeque<>(pending.size());
        for (Operation operation : pending) {
            if (operation instanceof Operation.Publish(Publication publication, int bytes, Ack receipt)) {
                waiting.add(receipt);
                acknowledged.add(new Operation.Publish(publication, bytes, Ack.NONE));
            } else {
                acknowledged.add(operation);
            }
        }
        pending.clear();
        pending.addAll(acknowledged);
        waiting.forEach(Ack::part);
    }

    private @Nullable Frame next() {
        List<byte[]> first = new ArrayList<>();
        if (asserting) {
            asserting = false;
            changedCounts.clear();
            pending.removeIf(o -> o instanceof Operation.Join || o instanceof Operation.Leave);
            first = owned.assertion();
        }
        for (ChannelId channel : changedCounts) {
            Operation.count(first, channel, owned.count(channel));
        }
        changedCounts.clear();
        Frame frame = composer.compose(node.identity().owner(), lastSequence + 1, first, pending);
        if (frame != null) {
            lastSequence++;
            pendingBytes.addAndGet(-frame.held);
        }
        return frame;
    }
}
