package dev.reverb.server.cluster.redis.log.read;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.ChannelState;
import dev.reverb.server.cluster.redis.base.Backoff;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.base.RedisClock;
import dev.reverb.server.cluster.redis.fault.RedisErrorException;
import dev.reverb.server.cluster.redis.flow.ConsumerLag;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.Script;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one partition's log for as long as this node has subscribers in one of its channels.
 *
 * <p>Messages of the topic are the log's entries; as long as each follows the last one they are handed on. Otherwise
 * the log is read from the last known entry on, all of it where that was lost, while what arrives waits. Every frame
 * is handed on once, known by origin and number. One read is under way at a time. Cluster thread only.
 */
public final class PartitionReader {

    private static final Logger log = LoggerFactory.getLogger(PartitionReader.class);

    private final int partition;
    private final ClusterNode node;
    private final Link link;
    private final RedisClock redisClock;
    private final ConsumerLag lag;
    private final EntryDispatcher dispatcher;
    private final byte[] topic;
    private final byte[][] keys;
    private final Backoff backoff;

    private final Interests channels = new Interests();
    private final FrameIntake intake;
    private final ReadCursor cursor;
    private final ReorderBuffer waiting;

    /** The last entry handed on; null until the first read. */
    private @Nullable Position position;
    private byte[] identity = new byte[0];
    /** With {@link #position} unknown: from when on, by this node's clock, entries are wanted; 0 for new ones only. */
    private long since;
    private @Nullable Position sweptPosition;
    private boolean listening;
    private int session; // counts the times that the partition was left
    private boolean subscribed;
    private boolean unconfirmed;
    private boolean reading;
    private boolean behind;
    /** The log has entries that did not arrive as messages. */
    private boolean missed;
    private boolean refused;
    private boolean scheduled;

    public PartitionReader(int partition, ClusterNode node, Link link, RedisClock redisClock, ConsumerLag lag,
            EntryDispatcher dispatcher) {
        this.partition = partition;
        this.node = node;
        this.link = link;
        this.redisClock = redisClock;
        this.lag = lag;
        this.dispatcher = dispatcher;
        this.intake = new FrameIntake(partition, node, dispatcher);
        this.cursor = new ReadCursor(partition, node, link);
        this.backoff = new Backoff(node.random());
        this.topic = node.keys().topic(partition);
        this.keys = new byte[][]{node.keys().log(partition), node.keys().origins(partition)};
        this.waiting = new ReorderBuffer(node.limits().buffered());
    }

    public void attach(ChannelId channel, long number, boolean keeps) {
        Interest attachment = channels.add(channel, number, node.clock().nanos(), keeps);
        if (attachment == null) {
            return;
        }
        listen();
        if (!link.up()) {
            announce(attachment);
        } else if (!attachment.stateful() && position != null && subscribed && !reading && !missed) {
            attachment.satisfied();
            dispatcher.attached(attachment, ChannelState.EMPTY);
        }
        read();
    }

    /**
     * Attaches a channel before its partition is read. Its subscribers must get what is published from now on, so the
     * first read starts at this moment.
     */
    private void announce(Interest attachment) {
        if (position == null && since == 0) {
            since = node.clock().millis();
        }
        dispatcher.attached(attachment, ChannelState.EMPTY);
    }

    public void detach(ChannelId channel) {
        channels.remove(channel);
        if (channels.isEmpty()) {
            node.scheduler().schedule(this::leaveIfEmpty, node.timing().beat());
        }
    }

    /** Subscribes to the partition though no channel of it is attached. */
    public void listen() {
        if (!listening) {
            listening = true;
            if (link.up()) {
                link.subscribe(topic);
            }
        }
    }

    private void leaveIfEmpty() {
        if (listening && channels.isEmpty() && partition != Keyspace.CONTROL) {
            listening = false;
            subscribed = false;
            session++;
            forgetPosition();
            dispatcher.lagging(partition, false); // or its publishers would wait for this node for ever
            cursor.end();
            link.unsubscribe(topic);
        }
    }

    public HandedFrames handed() {
        return new HandedFrames(intake, listening ? position : null);
    }

    /** How far the partition is read, as {@code sweep.lua} wants it. */
    public byte[] cursor() {
        return cursor.at(listening ? position : null);
    }

    private void forgetPosition() {
        position = null;
        identity = new byte[0];
        since = 0;
        intake.clear();
        waiting.clear();
        missed = false;
        behind = false;
    }

    public boolean listening() {
        return listening;
    }

    public void linkUp() {
        if (listening) {
            link.subscribe(topic);
        }
    }

    public void linkDown() {
        subscribed = false;
        waiting.clear();
        channels.unannounced().forEach(this::announce);
    }

    public void onSubscribed() {
        if (!listening) {
            return;
        }
        subscribed = true;
        missed = true;
        read();
    }

    public void onSubscriptionLost() {
        subscribed = false;
        if (listening && link.up()) {
            node.scheduler().schedule(() -> {
                if (listening && !subscribed && link.up()) {
                    link.subscribe(topic);
                }
            }, backoff.next());
        }
    }

    public void onMessage(byte[] message) {
        if (!listening || (position == null && !reading)) {
            return;
        }
        if (reading) {
            missed |= !waiting.add(message);
            return;
        }
        if (behind || lags()) {
            fallBehind();
            return;
        }
        take(message);
    }

    private boolean lags() {
        return partition != Keyspace.CONTROL && lag.high(partition); // requests never wait for connections
    }

    private void fallBehind() {
        missed = true;
        if (!behind) {
            behind = true;
            dispatcher.lagging(partition, true);
        }
    }

    /** This node's connections have room again. */
    public void catchUp() {
        if (behind) {
            behind = false;
            read();
            if (!behind && !missed && !reading) {
                dispatcher.lagging(partition, false);
            }
        }
    }

    /** One message in turn, while no read is under way. */
    private void take(byte[] message) {
        Position known = position;
        if (known == null) {
            return;
        }
        int space = Position.end(message);
        if (space < 0) {
            intake.skipped("a message without a position");
            return;
        }
        Position next = Position.parse(message, space);
        if (known.precedes(next)) {
            hand(next, message, space + 1, false, false);
            position = next;
            cursor.advance(message.length, next);
        } else if (!known.covers(next) || !intake.knows(message, space + 1)) {
            missed = true;
            read();
        }
    }

    private void hand(Position at, byte[] bytes, int offset, boolean fromLog, boolean old) {
        identity = FrameIntake.identity(bytes, offset);
        intake.hand(at, bytes, offset, fromLog, old, channels);
    }

    /** Remembers what Redis must have when it is asked now; asks again for messages that nobody confirmed. */
    public void beforeSweep() {
        if (listening && !subscribed) {
            if (unconfirmed) {
                link.subscribe(topic);
            }
            unconfirmed = !unconfirmed;
        }
        sweptPosition = position;
        intake.forgetOld();
    }

    /** The partition's sequence as Redis has it. */
    public void swept(long sequence) {
        if (position == null || sweptPosition == null || reading || !subscribed) {
            return;
        }
        if (sequence < sweptPosition.sequence()) {
            missed = true;
            read();
            return;
        }
        // Messages may still be on their way: only those that do not come are missed.
        node.scheduler().schedule(() -> {
            if (position != null && position.sequence() < sequence && !reading && !behind) {
                missed = true;
                read();
            }
        }, node.timing().beat().dividedBy(8));
    }

    /** Fetches the state of {@code channel} again. */
    void refresh(ChannelId channel) {
        Interest attachment = channels.get(channel);
        if (attachment != null) {
            attachment.want();
            read();
        }
    }

    /** Announces channels whose state did not come in time, with what is known: nothing. */
    public void announceOverdue(long before) {
        for (Interest attachment : channels.unannounced()) {
            if (attachment.since() - before < 0) {
                announce(attachment);
            }
        }
    }

    private void read() {
        if (reading || behind || !subscribed || scheduled) {
            return;
        }
        if (position == null && since > 0 && !redisClock.known()) {
            missed = true;
            again();
            return;
        }
        List<Interest> wanted = channels.wanted();
        if (position != null && !missed && wanted.isEmpty()) {
            return;
        }
        if (missed && position != null) {
            node.counters().recoveries().increment();
        }
        reading = true;
        missed = false;
        long askedSince = since;
        int asked = session;
        link.run(Script.READ, keys, question(wanted), (reply, e) -> {
            reading = false;
            if (asked != session) { // the partition was left meanwhile: this is where an earlier session ended
                missed = true;
                read();
            } else if (reply == null) {
                missed = true;
                if (link.up() && e instanceof RedisErrorException refusal && refusal.error().refusal()) {
                    refused = true;
                    node.refusals().refused("reading partition " + partition, refusal.error());
                    channels.unannounced().forEach(this::announce); // subscribers get their answer all the same
                }
                again();
            } else if (listening && position == null && since != askedSince) {
                missed = true; // a channel was attached meanwhile: the read has to start earlier
                read();
            } else if (listening) {
                backoff.reset();
                if (refused) {
                    refused = false;
                    node.refusals().served("reading partition " + partition);
                }
                apply(new LogPage(reply), wanted);
            }
        });
    }

    private byte[][] question(List<Interest> wanted) {
        boolean sinceTime = position == null && since > 0;
        Position from = sinceTime ? new Position(redisClock.at(since), 0) : position;
        return LogPage.question(node.keys().base(partition), from, sinceTime ? LogPage.SINCE : identity,
                node.limits().page(), position == null, node.identity().idBytes(), wanted);
    }

    private void again() {
        if (link.up() && !scheduled) {
            scheduled = true;
            node.scheduler().schedule(() -> {
                scheduled = false;
                read();
            }, backoff.next());
        }
    }

    private void apply(LogPage page, List<Interest> wanted) {
        Position known = position;
        if (known != null && !page.continued() && !page.firstPageOf(known)) {
            log.debug("partition {}: the log does not have {}, reading all of it", partition, known);
            dispatcher.broken(this, channels.broken());
        }
        long retained = page.end().millis() - node.timing().retention().toMillis();
        page.entries((at, frame) -> hand(at, frame, 0, true, !page.continued() && at.millis() < retained));
        if (known == null && !page.more()) {
            intake.startAfter(page);
        }
        position = page.end();
        identity = page.identity();
        if (page.more()) {
            missed = true;
        } else {
            page.states(node.identity(), node.clock(), wanted,
                    (interest, state) -> dispatcher.state(channels, interest, state));
        }
        for (byte[] message : waiting.take()) {
            if (missed || reading || lags()) {
                missed = true;
                break;
            }
            take(message);
        }
        if (missed && lags()) {
            fallBehind();
        } else {
            read();
            if (!reading && !behind) {
                dispatcher.lagging(partition, false);
            }
        }
    }
}
