package dev.reverb.server.cluster.redis.membership;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.ClusterLoad;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.base.RedisClock;
import dev.reverb.server.cluster.redis.base.RedisError;
import dev.reverb.server.cluster.redis.base.RedisErrorException;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.Script;
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
 * expired: from then on it cannot prolong it any more, but takes a new epoch and asserts all it has under that; so
 * its entries can be removed partition by partition, without haste and by anybody, more than once if need be. A node
 * judges others only when its own link has been up for a whole lease, with every heartbeat answered: after an outage of
 * Redis, or of the part of it that holds the leases, everybody has had the time to return. Cluster thread only.
 */
public final class Lease {

    private static final Logger log = LoggerFactory.getLogger(Lease.class);

    private final ClusterNode node;
    private final Link link;
    private final RedisClock redisClock;
    private final Runnable confirmed;
    private final Consumer<RedisError> refused;
    private final Runnable lost;
    private final BiConsumer<String, Runnable> remove;
    private final Consumer<Integer> alive;
    private final Balance balance;
    private final Set<String> removing = new HashSet<>();
    private final byte[][] keys;
    private boolean registered;
    /** Whether any epoch of this node was ever registered. */
    private boolean joined;
    private boolean beating;
    private boolean left;
    /** Since when every heartbeat was answered. */
    private long answeredSince;

    /**
     * @param confirmed runs after each heartbeat that found the lease alive
     * @param refused receives why a heartbeat was not taken though the link is up
     * @param lost runs when this node has taken a new epoch
     * @param remove removes all entries of an owner, then runs what it is given
     * @param alive receives how many owners have live leases
     * @param balance gives this node's connections, and receives those of all nodes, with each heartbeat
     */
    public Lease(ClusterNode node, Link link, RedisClock redisClock, Runnable confirmed, Consumer<RedisError> refused,
            Runnable lost, BiConsumer<String, Runnable> remove, Consumer<Integer> alive, Balance balance) {
        this.node = node;
        this.link = link;
        this.redisClock = redisClock;
        this.confirmed = confirmed;
        this.refused = refused;
        this.lost = lost;
        this.remove = remove;
        this.alive = alive;
        this.balance = balance;
        this.keys = new byte[][]{node.keys().leases(), node.keys().expired(), node.keys().connections(),
                node.keys().joined()};
    }

    public void linkUp() {
        answeredSince = node.clock().nanos();
        beating = false;
        beat();
    }

    public void beat() {
        if (link.up() && !beating && !left) {
            beating = true;
            run(registered ? "beat" : joined ? "again" : "first", "");
        }
    }

    /** Redis reports that the entries of this epoch are removed. */
    public void leaseLost() {
        node.counters().lapsed().increment();
        log.warn("this node was away from Redis for longer than its lease of {} s; it asserts its members again",
                node.timing().lease().toSeconds());
        node.identity().nextEpoch();
        registered = false;
        lost.run();
        run("again", "");
    }

    /** Gives the lease back; {@code done} runs when Redis knows. */
    public void leave(Runnable done) {
        left = true;
        link.run(Script.LEASE, keys, arguments("leave", ""), (reply, e) -> done.run());
    }

    private byte[][] arguments(String what, String who) {
        boolean judges = link.up() && node.clock().nanos() - answeredSince > node.timing().lease().toNanos();
        return new byte[][]{node.identity().ownerBytes(), Keyspace.bytes(node.timing().lease().toMillis()),
                Keyspace.bytes(judges ? 1 : 0), Keyspace.bytes(what), Keyspace.bytes(who), connections(),
                Keyspace.bytes(balance.moving() ? 1 : 0)};
    }

    private byte[] connections() {
        OptionalInt connections = balance.connections();
        return connections.isPresent() ? Keyspace.bytes(connections.getAsInt()) : new byte[0];
    }

    private void run(String what, String who) {
        String owner = node.identity().owner();
        link.run(Script.LEASE, keys, arguments(what, who), (reply, e) -> {
            beating = false;
            if (reply == null) {
                answeredSince = node.clock().nanos(); // nor could others prolong theirs
                if (e instanceof RedisErrorException refusal && refusal.error().refusal()) {
                    refused.accept(refusal.error());
                }
            }
            if (reply == null || left || !owner.equals(node.identity().owner())) {
                return;
            }
            redisClock.set((Long) reply.get(3));
            alive.accept(((Long) reply.get(1)).intValue());
            if ((Long) reply.getFirst() == 0) {
                leaseLost();
                return;
            }
            registered = true;
            joined = true;
            confirmed.run();
            if (!what.equals("reaped")) {
                balance.onLoad(new ClusterLoad((Long) reply.get(4), ((Long) reply.get(5)).intValue(),
                        (Long) reply.get(6), ((Long) reply.get(7)).intValue(), ((Long) reply.get(8)).intValue()));
            }
            @SuppressWarnings("unchecked")
            List<Object> ended = (List<Object>) reply.get(2);
            for (Object name : ended) {
                reap(new String((byte[]) name, UTF_8));
            }
        });
    }

    private void reap(String owner) {
        if (removing.add(owner)) {
            log.info("node {} is gone: its lease has ended; removing its members and counts", owner);
            remove.accept(owner, () -> {
                removing.remove(owner);
                node.counters().reaped().increment();
                run("reaped", owner);
            });
        }
    }
}
