package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.ClusterLoad;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's lease, and the removal of what nodes without one have left behind.
 *
 * <p>Leases are measured by the clock of Redis. A node prolongs its own three times per lease. Whose lease has ended is
 * doomed: from then on it cannot prolong it any more, but takes a new incarnation and asserts all it has under that; so
 * its entries can be removed partition by partition, without haste and by anybody, more than once if need be. A node
 * judges others only when its own link has been up for a whole lease, with every heartbeat answered: after an outage of
 * Redis, or of the part of it that holds the leases, everybody has had the time to return. Loop only.
 */
final class Lease {

    private static final Logger log = LoggerFactory.getLogger(Lease.class);

    private final LocalNode node;
    private final Link link;
    private final Runnable confirmed;
    private final Runnable lapsed;
    private final BiConsumer<String, Runnable> remove;
    private final Consumer<Integer> alive;
    private final Balance balance;
    private final Set<String> removing = new HashSet<>();
    private final byte[][] keys;
    private boolean registered;
    /** Whether any incarnation of this node was ever registered. */
    private boolean joined;
    private boolean beating;
    private boolean left;
    /** Since when every heartbeat was answered. */
    private long answeredSince;

    /**
     * @param confirmed runs after each heartbeat that found the lease alive
     * @param lapsed runs when this node has taken a new incarnation
     * @param remove removes all entries of an owner, then runs what it is given
     * @param alive receives how many owners have live leases
     * @param balance is asked for this node's connections, and told of everybody's, with each heartbeat
     */
    Lease(LocalNode node, Link link, Runnable confirmed, Runnable lapsed, BiConsumer<String, Runnable> remove,
            Consumer<Integer> alive, Balance balance) {
        this.node = node;
        this.link = link;
        this.confirmed = confirmed;
        this.lapsed = lapsed;
        this.remove = remove;
        this.alive = alive;
        this.balance = balance;
        this.keys = new byte[][]{node.keys.leases(), node.keys.doomed(), node.keys.connections(), node.keys.joined()};
    }

    void linkUp() {
        answeredSince = System.nanoTime();
        beating = false;
        beat();
    }

    void beat() {
        if (link.up() && !beating && !left) {
            beating = true;
            run(registered ? "beat" : joined ? "again" : "first", "");
        }
    }

    /** Redis says that the entries of this incarnation were removed. */
    void lapse() {
        node.tally.lapsed.increment();
        log.warn("this node was away from Redis for longer than its lease of {} s; it asserts its members again",
                node.timing.lease().toSeconds());
        node.reincarnate();
        registered = false;
        lapsed.run();
        run("again", "");
    }

    /** Gives the lease back; {@code done} runs when Redis knows. */
    void leave(Runnable done) {
        left = true;
        link.run(Script.LEASE, keys, arguments("leave", ""), (reply, e) -> done.run());
    }

    private byte[][] arguments(String what, String who) {
        boolean judges = link.up() && System.nanoTime() - answeredSince > node.timing.lease().toNanos();
        return new byte[][]{node.ownerBytes(), Keyspace.bytes(node.timing.lease().toMillis()),
                Keyspace.bytes(judges ? 1 : 0), Keyspace.bytes(what), Keyspace.bytes(who), connections(),
                Keyspace.bytes(balance.moving() ? 1 : 0)};
    }

    private byte[] connections() {
        OptionalInt connections = balance.connections();
        return connections.isPresent() ? Keyspace.bytes(connections.getAsInt()) : new byte[0];
    }

    private void run(String what, String who) {
        String owner = node.owner();
        link.run(Script.LEASE, keys, arguments(what, who), (reply, e) -> {
            beating = false;
            if (reply == null) {
                answeredSince = System.nanoTime(); // nor could others prolong theirs
            }
            if (reply == null || left || !owner.equals(node.owner())) {
                return;
            }
            node.clock((Long) reply.get(3));
            alive.accept(((Long) reply.get(1)).intValue());
            if ((Long) reply.getFirst() == 0) {
                lapse();
                return;
            }
            registered = true;
            joined = true;
            confirmed.run();
            if (!what.equals("buried")) {
                balance.onLoad(new ClusterLoad((Long) reply.get(4), ((Long) reply.get(5)).intValue(),
                        (Long) reply.get(6), ((Long) reply.get(7)).intValue(), ((Long) reply.get(8)).intValue()));
            }
            @SuppressWarnings("unchecked")
            List<Object> ended = (List<Object>) reply.get(2);
            for (Object name : ended) {
                bury(new String((byte[]) name, UTF_8));
            }
        });
    }

    private void bury(String owner) {
        if (removing.add(owner)) {
            log.info("node {} is gone: its lease has ended; removing its members and counts", owner);
            remove.accept(owner, () -> {
                removing.remove(owner);
                node.tally.reaped.increment();
                run("buried", owner);
            });
        }
    }
}
