package dev.reverb.server.cluster.redis.membership;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.ClusterLoad;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.base.RedisClock;
import dev.reverb.server.cluster.redis.fault.RedisError;
import dev.reverb.server.cluster.redis.fault.RedisErrorException;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
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
    private final Supplier<byte[]> logs;
    private final Supplier<byte[]> histories;
    private final Set<String> removing = new HashSet<>();
    private final byte[][] keys;
    private boolean registered;
    /** Whether any epoch of this node was ever registered. */
    private boolean joined;
    private boolean beating;
    private boolean left;
    /** Since when every heartbeat was answered. */
    private long answeredSince;
    /** Owners with leases at the last heartbeat that found this node's alive. */
    private List<String> live = List.of();
    /** What time it was on Redis at the last reply, and when that came by this node's clock; -1 when unknown. */
    private long redisMillis = -1;
    private long redisMillisAt;

    /**
     * @param confirmed runs after each heartbeat that found the lease alive
     * @param refused receives why a heartbeat was not taken though the link is up
     * @param lost runs when this node has taken a new epoch
     * @param remove removes all entries of an owner, then runs what it is given
     * @param alive receives how many owners have live leases
     * @param balance gives this node's connections, and receives those of all nodes, with each heartbeat
     * @param logs gives the sizes of logs measured since the last heartbeat, as {@code lease.lua} wants them
     * @param histories gives the sizes of histories likewise
     */
    public Lease(ClusterNode node, Link link, RedisClock redisClock, Runnable confirmed, Consumer<RedisError> refused,
            Runnable lost, BiConsumer<String, Runnable> remove, Consumer<Integer> alive, Balance balance,
            Supplier<byte[]> logs, Supplier<byte[]> histories) {
        this.node = node;
        this.link = link;
        this.redisClock = redisClock;
        this.confirmed = confirmed;
        this.refused = refused;
        this.lost = lost;
        this.remove = remove;
        this.alive = alive;
        this.balance = balance;
        this.logs = logs;
        this.histories = histories;
        this.keys = new byte[][]{node.keys().leases(), node.keys().expired(), node.keys().connections(),
                node.keys().joined(), node.keys().clock(), node.keys().logs(), node.keys().histories()};
    }

    public void linkUp() {
        answeredSince = node.clock().nanos();
        redisMillis = -1;
        beating = false;
        beat();
    }

    public void beat() {
        if (link.up() && !beating && !left) {
            beating = true;
            run(registered ? "beat" : joined ? "again" : "first", "");
        }
    }

    /**
     * Takes the next epoch, as Redis reports that the entries of {@code owner} are removed, or that it has no lease.
     * Nothing happens when that is an owner which this node has already given up: of many frames that were under way
     * only the first answer ends the epoch.
     */
    public void leaseLost(String owner) {
        if (left || !owner.equals(node.identity().owner())) {
            return;
        }
        node.counters().lapsed().increment();
        log.warn(
                "this node was away from Redis for longer than its lease of {} s, or its lease was lost; it asserts its"
                        + " members again",
                node.timing().lease().toSeconds());
        node.identity().nextEpoch();
        registered = false;
        lost.run();
        // With the leases lost, nobody else would remove the entries of the old epoch; after the new ones are asserted.
        reap(owner);
        run("again", "");
    }

    /** Owners with leases, as of the last heartbeat that was answered. */
    public List<String> live() {
        return live;
    }

    /** From now on the lease is neither prolonged nor taken again: this node removes its own entries. */
    public void retire() {
        left = true;
    }

    /**
     * Gives the lease back; {@code done} runs when Redis knows.
     *
     * @param linger after which others remove what this node has left; zero where it has removed all itself
     */
    public void leave(Duration linger, Runnable done) {
        left = true;
        link.run(Script.LEASE, keys, arguments("leave", linger.isZero() ? "" : "" + linger.toMillis()),
                (reply, e) -> done.run());
    }

    private byte[][] arguments(String what, String who) {
        boolean judges = link.up() && node.clock().nanos() - answeredSince > node.timing().lease().toNanos();
        List<byte[]> arguments = new ArrayList<>(List.of(node.identity().ownerBytes(),
                Keyspace.bytes(node.timing().lease().toMillis()), Keyspace.bytes(judges ? 1 : 0), Keyspace.bytes(what),
                Keyspace.bytes(who), connections(), Keyspace.bytes(balance.moving() ? 1 : 0), redisTimeNow(),
                Keyspace.bytes(node.timing().logKept().toMillis()), logs.get(), histories.get()));
        if (what.equals("again")) {
            live.forEach(owner -> arguments.add(Keyspace.bytes(owner)));
        }
        return arguments.toArray(byte[][]::new);
    }

    /** What time it should be on Redis, by the last reply and this node's own clock; empty when unknown. */
    private byte[] redisTimeNow() {
        return redisMillis < 0 ? new byte[0]
                : Keyspace.bytes(redisMillis + (node.clock().nanos() - redisMillisAt) / 1_000_000);
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
            redisMillis = (Long) reply.get(3);
            redisMillisAt = node.clock().nanos();
            redisClock.set(redisMillis);
            int nodes = ((Long) reply.get(1)).intValue();
            alive.accept(nodes);
            node.logs().measured((Long) reply.get(10), nodes);
            node.histories().measured((List<?>) reply.get(11), nodes);
            if ((Long) reply.getFirst() == 0) {
                leaseLost(owner);
                return;
            }
            live = names(reply.get(9));
            registered = true;
            joined = true;
            confirmed.run();
            if (!what.equals("reaped")) {
                balance.onLoad(new ClusterLoad((Long) reply.get(4), ((Long) reply.get(5)).intValue(),
                        (Long) reply.get(6), ((Long) reply.get(7)).intValue(), ((Long) reply.get(8)).intValue()));
            }
            names(reply.get(2)).forEach(this::reap);
        });
    }

    @SuppressWarnings("unchecked")
    private static List<String> names(Object reply) {
        return ((List<Object>) reply).stream().map(name -> new String((byte[]) name, UTF_8)).toList();
    }

    private void reap(String owner) {
        if (removing.add(owner)) {
            if (!node.identity().owns(owner)) {
                log.info("node {} is gone: its lease has ended; removing its members and counts", owner);
            }
            remove.accept(owner, () -> {
                removing.remove(owner);
                if (!node.identity().owns(owner)) {
                    node.counters().reaped().increment();
                }
                run("reaped", owner);
            });
        }
    }
}
