package dev.reverb.server.cluster.redis.log.read;

import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.frame.Entry;
import dev.reverb.server.cluster.redis.frame.FrameReader;
import dev.reverb.server.cluster.redis.frame.MalformedFrameException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes in one partition's frames, from messages and from its log, and hands on each of them once: a frame is
 * recognised by its origin and number. What comes from Redis is input. What is no frame, or of a later version, is
 * skipped, counted, and logged at most once a minute; nothing behind it is held up. Cluster thread only.
 */
final class FrameIntake {

    private static final Logger log = LoggerFactory.getLogger(FrameIntake.class);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    /** How much of what is no frame identifies it; {@code read.lua} returns no more. */
    private static final int IDENTITY = 300;

    /** The last frame of an origin, and when it came by this node's clock. */
    private record Last(long sequence, long nanos) {}

    private final int partition;
    private final ClusterNode node;
    private final EntryDispatcher dispatcher;
    private final Throttle malformed;
    private final Map<String, Last> seen = new HashMap<>();

    FrameIntake(int partition, ClusterNode node, EntryDispatcher dispatcher) {
        this.partition = partition;
        this.node = node;
        this.dispatcher = dispatcher;
        this.malformed = new Throttle(node.clock(), MINUTE);
    }

    void clear() {
        seen.clear();
    }

    /** How many origins are remembered. */
    int origins() {
        return seen.size();
    }

    /** Takes the last frames of all origins from a page that ends where reading begins. */
    void startAfter(LogPage page) {
        long now = node.clock().nanos();
        page.origins((origin, sequence) -> seen.merge(origin, new Last(sequence, now),
                (a, b) -> a.sequence > b.sequence ? a : b));
    }

    /** Forgets origins whose last frame no log keeps any more: it came four retentions ago. */
    void forgetOld() {
        long old = node.clock().nanos() - 4 * node.timing().retention().toNanos();
        seen.values().removeIf(last -> last.nanos - old < 0);
    }

    /**
     * The first bytes of what starts at {@code offset}, which nothing else has: the frame's header, or, where there is
     * none that this node can read, as much as there is.
     */
    static byte[] identity(byte[] bytes, int offset) {
        try {
            FrameReader frame = FrameReader.of(bytes, offset);
            if (frame != null) {
                return frame.identity();
            }
        } catch (MalformedFrameException e) {
            // as below
        }
        return Arrays.copyOfRange(bytes, offset, Math.min(bytes.length, offset + IDENTITY));
    }

    /** Whether the frame at {@code offset} was handed on, or never will be. */
    boolean knows(byte[] bytes, int offset) {
        try {
            FrameReader frame = FrameReader.of(bytes, offset);
            return frame == null || frame.origin().equals(node.identity().id()) || isDouble(frame);
        } catch (MalformedFrameException e) {
            return true;
        }
    }

    /** Whether that frame of {@code origin} was handed on. */
    boolean handed(String origin, long sequence) {
        Last last = seen.get(origin);
        return last != null && sequence <= last.sequence;
    }

    /** Adds each origin and its last frame, as scripts take them. */
    void lasts(List<byte[]> arguments) {
        seen.forEach((origin, last) -> {
            arguments.add(Keyspace.bytes(origin));
            arguments.add(Keyspace.bytes(last.sequence));
        });
    }

    private boolean isDouble(FrameReader frame) {
        Last last = seen.get(frame.origin());
        return last != null && frame.sequence() <= last.sequence;
    }

    /**
     * Hands on the entries of the frame at {@code offset}.
     *
     * @param at where it stands in the log
     * @param fromLog whether it was read, and did not come as a message
     * @param old whether the log's retention is over for it: of an origin that is not remembered it is a double
     */
    void hand(Position at, byte[] bytes, int offset, boolean fromLog, boolean old, Interests channels) {
        try {
            FrameReader frame = FrameReader.of(bytes, offset);
            if (frame == null) {
                dispatcher.skippedLaterVersion(bytes[offset]);
            } else {
                hand(at, frame, fromLog, old, channels);
            }
        } catch (MalformedFrameException e) {
            skipped(e.getMessage());
        }
    }

    private void hand(Position at, FrameReader frame, boolean fromLog, boolean old, Interests channels)
            throws MalformedFrameException {
        boolean own = frame.origin().equals(node.identity().id());
        if (own && !frame.newsToOrigin()) {
            return;
        }
        if (isDouble(frame) || (old && !own && !seen.containsKey(frame.origin()))) {
            node.counters().duplicates().increment();
            return;
        }
        seen.put(frame.origin(), new Last(frame.sequence(), node.clock().nanos()));
        node.counters().received().increment();
        if (fromLog) {
            node.counters().recovered().increment();
        }
        for (Entry entry = frame.next(); entry != null; entry = frame.next()) {
            if (entry instanceof Entry.Kept kept) {
                dispatcher.kept(channels, kept, at.place(frame.origin(), kept), own);
            } else if (own) {
                dispatcher.ownEntry(channels, entry);
            } else {
                dispatcher.entry(channels, entry);
            }
        }
    }

    /** Notes something on the partition's topic, or in its log, that is no frame. */
    void skipped(@Nullable String reason) {
        node.counters().skipped().increment();
        long before = malformed.pass();
        if (before >= 0) {
            log.warn("partition {}: something in Redis that is no frame of a node was skipped: {}{}", partition, reason,
                    before == 0 ? "" : "; " + before + " more in the last minute");
        }
    }
}
