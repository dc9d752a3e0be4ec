package dev.reverb.server.cluster.redis.log.write;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.base.Backoff;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.base.WriteBudget;
import dev.reverb.server.cluster.redis.fault.RedisError;
import dev.reverb.server.cluster.redis.fault.RedisErrorException;
import dev.reverb.server.cluster.redis.frame.Ack;
import dev.reverb.server.cluster.redis.frame.Frame;
import dev.reverb.server.cluster.redis.frame.FrameComposer;
import dev.reverb.server.cluster.redis.frame.Operation;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.Script;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What this node writes to one partition: in order, each frame once.
 *
 * <p>One frame is under way at a time; what comes meanwhile gathers into the next. An unknown outcome concerns that
 * one only, which is sent again: Redis knows it by its number. Written frames are retained, and sent again where Redis
 * turns out to lack some. While Redis is away publications wait here and count as safe; {@link OwnedState} is asserted
 * whole afterwards. Cluster thread only, but for {@link #refuses}.
 */
public final class PartitionWriter {

    /** How long to wait before a full log is tried again. */
    private static final Duration FULL_PAUSE = Duration.ofMillis(20);
    private static final Duration GATED_PAUSE = Duration.ofMillis(5);

    private final int partition;
    private final ClusterNode node;
    private final Link link;
    private final WriteBudget budget;
    private final Consumer<String> leaseLost; // of a former owner of this node
    private final byte[][] keys;
    private final OwnedState owned = new OwnedState();
    private final FrameComposer composer;
    private final Backoff backoff;
    private final FrameFailures failures;

    /** Not yet in a frame. */
    private final PendingOperations pending = new PendingOperations();
    public final Admissions admissions = new Admissions(owned, pending, this::add);
    private final Set<ChannelId> changedCounts = new LinkedHashSet<>();
    /** Frames to write; the first may be under way. */
    private final ArrayDeque<Frame> unsent = new ArrayDeque<>();
    private final RetainedFrames retained;
    private long lastSequence;
    /** The frame before the first unsent one as Redis knows it; -1: whatever it knows. */
    private long before = -1;
    private boolean sending;
    private boolean scheduled;
    private boolean asserting;
    private long sweptSequence;

    private volatile boolean stalled;
    private final PublicationGate gate;
    private long stateAfter;

    public PartitionWriter(int partition, ClusterNode node, Link link, WriteBudget budget, Consumer<String> lost) {
        this.partition = partition;
        this.node = node;
        this.link = link;
        this.budget = budget;
        this.leaseLost = lost;
        this.composer = new FrameComposer(node.webhooks(), node.histories()::room);
        this.backoff = new Backoff(node.random());
        this.retained = new RetainedFrames(node, budget);
        this.failures = new FrameFailures(partition, node.refusals());
        this.keys = new byte[][]{node.keys().log(partition), node.keys().origins(partition)};
        this.gate = new PublicationGate(node.clock(), partition == Keyspace.CONTROL);
        this.stateAfter = node.clock().nanos();
    }

    public OwnedState owned() {
        return owned;
    }

    /** Whether no more may wait here: other nodes lag, or Redis refuses it and it holds its share. Any thread. */
    public boolean refuses() {
        return gate.refuses(pending.bytes(), node.limits().gated())
                || failures.shareIsHeld(pending.bytes(), budget.held(), node.limits().held());
    }

    /** Whether Redis does not take what this partition has. Any thread. */
    public boolean stalled() {
        return stalled;
    }

    public void publish(Publication publication, int bytes, Ack receipt, Runnable written) {
        pending.add(new Operation.Publish(publication, bytes, stalled ? Ack.NONE : receipt, written));
        if (stalled) {
            receipt.part();
        }
        wake();
    }

    public void join(ChannelId channel, String userId, byte[] data) {
        if (owned.join(channel, userId, data)) { // not admitted just now
            change(new Operation.Join(channel, userId, data));
        }
    }

    public void leave(ChannelId channel, String userId) {
        owned.leave(channel, userId);
        change(new Operation.Leave(channel, userId));
    }

    public void count(ChannelId channel, int subscriptions, boolean announced) {
        owned.count(channel, subscriptions, announced);
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

    /** The last frame that was ever written; 0 for none. */
    public long written() {
        return retained.last();
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
            frame = compose(gate.gated());
            if (frame == null) {
                if (!pending.isEmpty()) { // publications, for a node that lags
                    publicationsWait();
                    scheduled = true;
                    node.scheduler().schedule(this::pump, GATED_PAUSE);
                }
                return;
            }
            unsent.add(frame);
        }
        sending = true;
        String owner = node.identity().owner();
        Frame sent = frame.under(owner);
        if (sent != frame) {
            asserting = true;
            unsent.removeFirst();
            unsent.addFirst(sent);
            admissions.leftOut(frame);
        }
        link.run(Script.WRITE, keys, sent.arguments(node, link, partition, before),
                (reply, e) -> answered(sent, owner, reply, e));
    }

    private void answered(Frame frame, String owner, @Nullable List<Object> reply, @Nullable Throwable e) {
        sending = false;
        if (reply == null) {
            if (link.up() && e instanceof RedisErrorException refusal && refusal.error().refusal()) {
                refused(frame, refusal.error());
            }
            stall();
            return;
        }
        backoff.reset();
        switch (((Long) reply.getFirst()).intValue()) {
            case 0, 1 -> written(frame, reply);
            case -1 -> rewind((Long) reply.get(1));
            case -3 -> {
                gate.full();
                publicationsWait();
                letStatePass(frame);
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

    private void publicationsWait() {
        if (gate.overdue()) {
            unsent.forEach(Frame::acknowledge);
            pending.acknowledge();
        }
    }

    /**
     * The log takes no publications for now, and {@code frame} was not applied: members, counts and removals that wait
     * behind it take its number, and it takes the next.
     */
    private void letStatePass(Frame frame) {
        if (unsent.size() != 1 || (changedCounts.isEmpty() && !asserting && !pending.hasState())) {
            return;
        }
        lastSequence = frame.sequence - 1;
        Frame state = compose(true);
        if (state == null) {
            lastSequence = frame.sequence;
            return;
        }
        lastSequence = frame.sequence + 1;
        unsent.clear();
        unsent.add(state);
        unsent.add(frame.renumbered(lastSequence));
    }

    private void refused(Frame frame, RedisError error) {
        switch (failures.failed(frame, error)) {
            case SEND_AGAIN -> {
            }
            case LEAVE_STATE_OUT -> {
                unsent.removeFirst();
                Optional.ofNullable(frame.withoutState()).ifPresentOrElse(unsent::addFirst, () -> giveUp(frame));
                Duration later = node.timing().lease().multipliedBy(5);
                stateAfter = node.clock().nanos() + later.toNanos();
                node.scheduler().schedule(this::assertAll, later);
            }
            case SET_ASIDE -> {
                unsent.removeFirst();
                giveUp(frame);
            }
        }
    }

    private void giveUp(Frame frame) {
        frame.acknowledge();
        budget.give(frame.held);
        node.counters().setAside().increment();
    }

    private void written(Frame frame, List<Object> reply) {
        failures.written();
        node.written(partition, reply);
        if (frame.publishes()) {
            gate.passed();
        }
        unsent.removeFirst();
        before = frame.sequence;
        node.counters().published().add(frame.publications);
        frame.acknowledge();
        budget.give(frame.held);
        frame.written.forEach(Runnable::run);
        admissions.written(frame, reply);
        retained.add(frame);
    }

    /** Redis has nothing of this node after {@code applied}. */
    private void rewind(long applied) {
        node.counters().replayed().add(retained.rewind(applied, unsent));
        Frame first = unsent.peekFirst();
        before = first != null && first.sequence == applied + 1 && applied > 0 ? applied : -1;
        asserting = true;
    }

    /** Redis takes no frames: what is here is held and counts as safe, and is tried again, or when the link is back. */
    private void stall() {
        stalled = true;
        asserting |= admissions.stall();
        unsent.forEach(Frame::acknowledge);
        pending.acknowledge();
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
            admissions.resume();
            wake();
        }
    }

    /** The link is down. */
    public void suspend() {
        if (!stalled && !sending) {
            stall();
        }
    }

    /** Subscribers on another node lag: write no more publications for a moment. */
    public void gate() {
        gate.close();
    }

    /** They have caught up. */
    public void ungate() {
        if (gate.gated()) {
            gate.open();
            wake();
        }
    }

    /** Remembers what Redis must have at least when it is asked now. */
    public void beforeSweep() {
        sweptSequence = before;
        retained.release();
    }

    /** What Redis has, -1 for nothing. */
    public void swept(long applied) {
        if (applied < sweptSequence && !sending) {
            rewind(applied);
            wake();
        }
    }

    /** @param stateOnly whether publications wait; members, counts, requests and removals never do */
    private @Nullable Frame compose(boolean stateOnly) {
        List<byte[]> first = new ArrayList<>();
        boolean later = stateAfter - node.clock().nanos() > 0; // Redis fails over this state: not again so soon
        if (later || asserting) {
            changedCounts.clear();
            pending.dropMembers();
            var _ = later && admissions.giveUp();
            first = later ? first : owned.assertion();
            asserting = later;
        }
        owned.takeCounts(changedCounts, first);
        ArrayDeque<Operation> taken = stateOnly ? pending.takeState() : pending.all();
        Frame frame = composer.compose(node.identity().owner(), lastSequence + 1, first, taken);
        if (stateOnly) {
            pending.putBack(taken);
        }
        if (frame != null) {
            lastSequence++;
            pending.framed(frame.held);
        }
        return frame;
    }
}
