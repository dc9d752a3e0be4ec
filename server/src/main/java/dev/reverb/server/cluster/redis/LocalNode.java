package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.Backlog;
import dev.reverb.server.cluster.ClusterEvents;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What all parts of this package know of the node that they serve. Only {@link #owner} changes, on the {@link Loop}.
 *
 * <p>A node publishes under its id for as long as it lives, so that what it sends twice is known; it owns entries under
 * its id and an incarnation, which grows each time the others removed its entries: removing those of one incarnation,
 * however late, never touches those of the next.
 */
final class LocalNode {

    /** Both clocks are read in whole milliseconds. */
    private static final long ROUNDING_MILLIS = 2;

    final String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    final byte[] idBytes = Keyspace.bytes(id);
    final Loop loop;
    final Keyspace keys;
    final Timing timing;
    final Tally tally;
    final ClusterEvents events;
    final Lag lag;
    final Bounds bounds;
    final Switches switches;

    private int incarnation = 1;
    private long clockOffset;
    private boolean clocked;
    private volatile String owner = id + ".1";
    private byte[] ownerBytes = Keyspace.bytes(owner);

    LocalNode(Loop loop, Keyspace keys, Timing timing, Tally tally, ClusterEvents events, Backlog backlog,
            Bounds bounds, Switches switches) {
        this.loop = loop;
        this.keys = keys;
        this.timing = timing;
        this.tally = tally;
        this.events = events;
        this.lag = new Lag(backlog, bounds);
        this.bounds = bounds;
        this.switches = switches;
    }

    /** Notes what time it is on Redis. */
    void clock(long redisMillis) {
        clockOffset = redisMillis - System.currentTimeMillis();
        clocked = true;
    }

    /** The next Redis may have another clock. */
    void forgetClock() {
        clocked = false;
    }

    /** Whether it is known what time it is on Redis. */
    boolean clocked() {
        return clocked;
    }

    /**
     * What time it was on Redis when it was {@code millis} here; rather too early, as the answer that it is known
     * from took
     * its time. Once {@link #clocked}.
     */
    long redisMillis(long millis) {
        return millis + clockOffset - ROUNDING_MILLIS;
    }

    /** What this node's entries stand under now. */
    String owner() {
        return owner;
    }

    byte[] ownerBytes() {
        return ownerBytes;
    }

    /** Whether an owner's name is one that this node has or had. */
    boolean owns(String name) {
        return name.startsWith(id);
    }

    void reincarnate() {
        incarnation++;
        owner = id + "." + incarnation;
        ownerBytes = Keyspace.bytes(owner);
    }
}
