package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.Backlog;
import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.Broker;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.cluster.ClusterQueries;
import dev.reverb.server.cluster.ClusterStatistics;
import dev.reverb.server.cluster.Control;
import dev.reverb.server.cluster.SharedState;
import dev.reverb.server.config.ScalingConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's side of a cluster over Redis. Starting does not wait for Redis: until it is reached the node works on
 * what it
 * knows, as in an outage.
 */
public final class RedisCluster implements Cluster {

    private static final Logger log = LoggerFactory.getLogger(RedisCluster.class);
    private static final Duration CLOSING = Duration.ofSeconds(2);
    /** How long to wait, before that, for what is held to be written. */
    private static final Duration HELD = Duration.ofSeconds(5);
    /** How long Redis may take at the start before that is said. */
    private static final Duration START = Duration.ofSeconds(3);

    private final Loop loop = new Loop();
    private final Tally tally = new Tally();
    private final LocalNode node;
    private final Link link;
    private final Budget budget;
    private final Outbox[] outboxes = new Outbox[Keyspace.CHANNEL_PARTITIONS + 1];
    private final Inbox[] inboxes = new Inbox[Keyspace.CHANNEL_PARTITIONS + 1];
    private final Lease lease;
    private final Quotas quotas;
    private final Turn turn;
    private final FlowControl flow;
    private final Sweep sweep;
    private final RedisBroker broker;
    private final RedisState state;
    private final RedisQueries queries;
    private final Balance balance;

    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean linkUp;
    private volatile int nodes = 1;
    /** Whether the first heartbeat since the link came up was answered. */
    private boolean confirmed;
    private long downSince = System.nanoTime();

    private RedisCluster(ScalingConfig config, ClusterEvents events, Backlog backlog, Balance balance, Bounds bounds,
            Switches switches) {
        this.balance = balance;
        Timing timing = Timing.of(config);
        node = new LocalNode(loop, new Keyspace(config.prefix(), config.redis().database()), timing, tally, events,
                backlog, bounds, switches);
        budget = new Budget(bounds.held());
        link = Link.of(config.redis(), loop, tally, new Events(), timing);
        quotas = new Quotas(node, link);
        turn = new Turn(node, link, events::onControl, () -> nodes);
        flow = new FlowControl(node, link, outboxes, inboxes);
        Delivery delivery = new Delivery(node, this::onControl, flow::lagging);
        lease = new Lease(node, link, this::onConfirmed, this::onLapsed, this::remove, alive -> nodes = alive, balance);
        for (int p = 0; p < outboxes.length; p++) {
            outboxes[p] = new Outbox(p, node, link, budget, lease::lapse);
            inboxes[p] = new Inbox(p, node, link, delivery);
        }
        sweep = new Sweep(node, link, outboxes, inboxes);
        broker = new RedisBroker(node, outboxes, inboxes, budget, config.whenDown(), () -> linkUp);
        state = new RedisState(node, outboxes, quotas, turn);
        queries = new RedisQueries(node, link, outboxes, quotas);
    }

    /**
     * Starts this node's link and returns at once.
     *
     * @param events what other nodes tell, on the cluster's own thread
     * @param backlog what waits for this node's own connections
     * @param balance what this node's connections are told to the others by
     */
    public static Cluster start(ScalingConfig config, ClusterEvents events, Backlog backlog, Balance balance) {
        return start(config, events, backlog, balance, Bounds.ofHeap(), Switches.ofProcess());
    }

    static RedisCluster start(ScalingConfig config, ClusterEvents events, Backlog backlog, Bounds bounds,
            Switches switches) {
        return start(config, events, backlog, Balance.NONE, bounds, switches);
    }

    static RedisCluster start(ScalingConfig config, ClusterEvents events, Backlog backlog, Balance balance,
            Bounds bounds, Switches switches) {
        RedisCluster cluster = new RedisCluster(config, events, backlog, balance, bounds, switches);
        cluster.loop.execute(cluster::begin);
        return cluster;
    }

    private void begin() {
        inboxes[Keyspace.CONTROL].listen();
        link.start();
        var _ = loop.schedule(() -> {
            if (!link.up() && tally.outages.sum() == 0) {
                log.warn("Redis is not reached yet; serving on local knowledge until it is");
            }
        }, START);
        var _ = loop.every(node.timing.beat(), () -> {
            lease.beat();
            long overdue = System.nanoTime() - node.timing.command().toNanos();
            for (Inbox inbox : inboxes) {
                inbox.announceOverdue(overdue);
            }
            if (link.up() && confirmed) {
                sweep.run();
            }
        });
    }

    private void onConfirmed() {
        if (confirmed) {
            return;
        }
        confirmed = true;
        linkUp = true;
        for (Outbox outbox : outboxes) {
            outbox.resume();
        }
        quotas.linkUp();
        sweep.run();
    }

    private void onLapsed() {
        for (Outbox outbox : outboxes) {
            outbox.assertAll();
        }
        quotas.linkUp();
    }

    /** Removes an owner's entries everywhere. */
    private void remove(String owner, Runnable done) {
        int[] left = {Keyspace.CHANNEL_PARTITIONS + 1};
        Runnable one = () -> {
            if (--left[0] == 0) {
                done.run();
            }
        };
        for (int p = 0; p < Keyspace.CHANNEL_PARTITIONS; p++) {
            outboxes[p].add(new Operation.Reap(owner, one));
        }
        quotas.remove(owner, one);
    }

    private void onControl(Control control) {
        switch (control) {
            case Control.Restart restart -> turn.await(restart);
            case Control.TerminateUser terminate -> node.events.onControl(terminate);
        }
    }

    @Override
    public String node() {
        return node.id;
    }

    @Override
    public Broker broker() {
        return broker;
    }

    @Override
    public SharedState state() {
        return state;
    }

    @Override
    public ClusterQueries queries() {
        return queries;
    }

    @Override
    public boolean othersServe() {
        return nodes > 1;
    }

    @Override
    public boolean linkUp() {
        return linkUp;
    }

    @Override
    public Optional<ClusterStatistics> meters() {
        return Optional.of(statistics());
    }

    ClusterStatistics statistics() {
        return new ClusterStatistics(linkUp, nodes, budget.held(), budget.retained(), flow.partitions(),
                node.lag.bytes(), tally.outages.sum(), tally.commands.sum(), tally.published.sum(),
                tally.received.sum(), tally.duplicates.sum(), tally.recoveries.sum(), tally.recovered.sum(),
                tally.lost.sum(), tally.replayed.sum(), tally.refused.sum(), tally.reaped.sum(), tally.lapsed.sum());
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        awaitWritten();
        CountDownLatch left = new CountDownLatch(1);
        loop.execute(() -> {
            if (!link.up()) {
                left.countDown();
                return;
            }
            String owner = node.owner();
            int[] partitions = {1};
            Runnable one = () -> {
                if (--partitions[0] == 0) {
                    lease.leave(left::countDown);
                }
            };
            for (int p = 0; p < Keyspace.CHANNEL_PARTITIONS; p++) {
                if (outboxes[p].used() || !outboxes[p].idle()) {
                    partitions[0]++;
                    outboxes[p].add(new Operation.Reap(owner, one));
                }
            }
            partitions[0]++;
            quotas.remove(owner, one);
            one.run();
        });
        try {
            if (!left.await(CLOSING.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("Redis did not take this node's leave within {} s; the others will notice",
                        CLOSING.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loop.execute(() -> Calls.whenDone(loop, link.close(), (_, _) -> loop.close()));
    }

    /** What was acknowledged while the link was down dies with this process unless the link comes back now. */
    private void awaitWritten() {
        long until = System.nanoTime() + HELD.toNanos();
        while (budget.held() > 0 && System.nanoTime() - until < 0) {
            LockSupport.parkNanos(2_000_000);
        }
        if (budget.held() > 0) {
            log.warn("Redis did not come back within {} s: {} bytes of publications that were accepted are lost to the"
                    + " other nodes", HELD.toSeconds(), budget.held());
        }
    }

    private final class Events implements Link.Listener {

        @Override
        public void onUp() {
            confirmed = false;
            log.info("Redis is reached{}", tally.outages.sum() == 0 ? ""
                    : " again after " + (System.nanoTime() - downSince) / 1_000_000 + " ms; recovering");
            for (Inbox inbox : inboxes) {
                inbox.linkUp();
            }
            lease.linkUp();
        }

        @Override
        public void onDown(Throwable cause) {
            linkUp = false;
            node.forgetClock();
            downSince = System.nanoTime();
            tally.outages.increment();
            log.warn("Redis is not reached ({}); delivering locally until it is", String.valueOf(cause.getMessage()));
            for (Outbox outbox : outboxes) {
                outbox.suspend();
            }
            for (Inbox inbox : inboxes) {
                inbox.linkDown();
            }
            quotas.linkDown();
            balance.onLinkDown();
        }

        @Override
        public void onSubscribed(byte[] topic) {
            inboxes[Keyspace.partitionOf(topic)].onSubscribed();
        }

        @Override
        public void onSubscriptionLost(byte[] topic) {
            inboxes[Keyspace.partitionOf(topic)].onSubscriptionLost();
        }

        @Override
        public void onMessage(byte[] topic, byte[] message) {
            if (message.length > 0 && message[0] == FlowControl.MARK) {
                flow.onMessage(message);
            } else {
                inboxes[Keyspace.partitionOf(topic)].onMessage(message);
            }
        }
    }
}
