package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.Backlog;
import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.Broker;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.cluster.ClusterQueries;
import dev.reverb.server.cluster.ClusterStatistics;
import dev.reverb.server.cluster.Histories;
import dev.reverb.server.cluster.IdempotencyKeys;
import dev.reverb.server.cluster.SharedState;
import dev.reverb.server.cluster.Webhooks;
import dev.reverb.server.cluster.Webhooks.Outbox;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.redis.base.ClusterCounters;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.ClusterTiming;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.base.NodeIdentity;
import dev.reverb.server.cluster.redis.base.RedisClock;
import dev.reverb.server.cluster.redis.base.WriteBudget;
import dev.reverb.server.cluster.redis.budget.MemoryLimits;
import dev.reverb.server.cluster.redis.fault.RedisError;
import dev.reverb.server.cluster.redis.flow.ConsumerLag;
import dev.reverb.server.cluster.redis.flow.FlowControl;
import dev.reverb.server.cluster.redis.frame.Operation;
import dev.reverb.server.cluster.redis.hook.WebhookPartitions;
import dev.reverb.server.cluster.redis.link.LinkFactory;
import dev.reverb.server.cluster.redis.link.ReplaceableLink;
import dev.reverb.server.cluster.redis.log.read.EntryDispatcher;
import dev.reverb.server.cluster.redis.log.read.PartitionReader;
import dev.reverb.server.cluster.redis.log.write.PartitionWriter;
import dev.reverb.server.cluster.redis.membership.Lease;
import dev.reverb.server.cluster.redis.membership.RestartLock;
import dev.reverb.server.cluster.redis.membership.Sweep;
import dev.reverb.server.cluster.redis.quota.MessageCounters;
import dev.reverb.server.cluster.redis.quota.Quotas;
import dev.reverb.server.config.ScalingConfig;
import dev.reverb.server.config.ScalingConfig.RedisConfig;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One node's side of a cluster over Redis. Starting does not wait for Redis: until it is reached the node works on what
 * it knows, as in an outage.
 */
public final class RedisCluster implements Cluster {

    private final ClusterRuntime runtime;
    private final RedisClock redisClock;
    private final ClusterNode node;
    private final LinkReport report;
    private final ClusterEvents events;
    private final ConsumerLag lag;
    private final ReplaceableLink link;
    private final WriteBudget budget;
    private final PartitionWriter[] writers = new PartitionWriter[Keyspace.CHANNEL_PARTITIONS + 1];
    private final PartitionReader[] readers = new PartitionReader[Keyspace.CHANNEL_PARTITIONS + 1];
    private final Lease lease;
    private final Quotas quotas;
    private final RestartLock restartLock;
    private final FlowControl flow;
    private final Sweep sweep;
    private final RedisBroker broker;
    private final RedisState state;
    private final RedisOutbox outbox;
    private final RedisQueries queries;
    private final RedisHistories histories;
    private final Balance balance;
    private final WebhookPartitions webhooks;
    private final Departure departure;
    private final IdempotencyKeys idempotencyKeys;

    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean linkUp;
    private volatile int nodes = 1;
    private boolean confirmed; // whether the first heartbeat since the link came up was answered

    private RedisCluster(ScalingConfig config, ClusterEvents events, Backlog backlog, Balance balance,
            MemoryLimits limits, ClusterRuntime runtime) {
        this.runtime = runtime;
        redisClock = new RedisClock(runtime.clock());
        report = new LinkReport(runtime.clock());
        this.balance = balance;
        this.events = events;
        Keyspace keys = new Keyspace(config.prefix(), config.redis().database());
        node = new ClusterNode(NodeIdentity.create(runtime.random()), runtime.scheduler(), runtime.clock(),
                runtime.random(), keys, ClusterTiming.of(config), ClusterCounters.create(), limits);
        lag = new ConsumerLag(backlog, limits, node.clock());
        budget = new WriteBudget(limits.held());
        link = new ReplaceableLink(runtime.links(), config.redis(), node, new Events());
        quotas = new Quotas(node, link, this::onReaped);
        restartLock = new RestartLock(node, link, events::onControl, () -> nodes, alive -> nodes = alive);
        flow = new FlowControl(node, link, lag, new FlowPartitions(writers, readers));
        EntryDispatcher dispatcher = new EntryDispatcher(node, events, this::onControl, lag, flow::lagging);
        lease = new Lease(node, link, redisClock, this::onConfirmed, this::onLeaseRefused, this::onLeaseLost,
                this::remove, alive -> nodes = alive, balance, this::measuredLogs, this::measuredHistories);
        for (int p = 0; p < writers.length; p++) {
            writers[p] = new PartitionWriter(p, node, link, budget, lease::leaseLost);
            readers[p] = new PartitionReader(p, node, link, redisClock, lag, dispatcher);
        }
        webhooks = new WebhookPartitions(node, link, lease::live);
        sweep = new Sweep(node, link, writers, readers);
        histories = new RedisHistories(node, link, readers, writers);
        broker = new RedisBroker(node, writers, readers, budget, config.whenDown(), () -> linkUp, histories);
        state = new RedisState(node, writers, quotas, restartLock, new MessageCounters(node, link));
        outbox = new RedisOutbox(node, writers, budget);
        queries = new RedisQueries(node, link, writers, quotas);
        idempotencyKeys = new RedisIdempotencyKeys(node, link);
        departure = new Departure(node, link, writers, lease, quotas);
    }

    /**
     * Starts this node's link and returns at once.
     *
     * @param events receives what other nodes publish and change, on the cluster's own thread
     * @param backlog what waits for this node's own connections
     * @param balance says how many connections this node has, and receives how many the others have
     */
    public static Cluster start(ScalingConfig config, ClusterEvents events, Backlog backlog, Balance balance) {
        return start(config, events, backlog, balance, MemoryLimits.ofHeap(), LinkFactory.LETTUCE);
    }

    static RedisCluster start(ScalingConfig config, ClusterEvents events, Backlog backlog, Balance balance,
            MemoryLimits limits, LinkFactory links) {
        return start(config, events, backlog, balance, limits, ClusterRuntime.ofMachine(links));
    }

    /** The same on another thread, time and link than the machine's. */
    public static RedisCluster start(ScalingConfig config, ClusterEvents events, Backlog backlog, Balance balance,
            MemoryLimits limits, ClusterRuntime runtime) {
        RedisCluster cluster = new RedisCluster(config, events, backlog, balance, limits, runtime);
        runtime.scheduler().execute(cluster::begin);
        return cluster;
    }

    private void begin() {
        readers[Keyspace.CONTROL].listen();
        link.start();
        node.scheduler().schedule(report::onStartOverdue, LinkReport.PATIENCE);
        var _ = node.scheduler().every(node.timing().beat(), () -> {
            lease.beat();
            long overdue = node.clock().nanos() - node.timing().command().toNanos();
            List.of(readers).forEach(reader -> reader.announceOverdue(overdue));
            if (link.up() && confirmed) {
                sweep.run();
                webhooks.beat();
            }
        });
    }

    private byte[] measuredLogs() {
        return sweep.sizes();
    }

    private byte[] measuredHistories() {
        return sweep.histories();
    }

    private void onConfirmed() {
        if (confirmed) {
            return;
        }
        report.onLeaseConfirmed();
        confirmed = true;
        linkUp = true;
        List.of(writers).forEach(PartitionWriter::resume);
        quotas.linkUp();
        sweep.run();
        webhooks.linkUp();
        webhooks.beat();
    }

    /** Other nodes will count this one as gone: it is not reached, whatever else Redis answers. */
    private void onLeaseRefused(RedisError error) {
        if (link.up()) {
            report.onLeaseRefused(error);
            confirmed = false;
            linkUp = false;
        }
    }

    private void onLeaseLost() {
        for (PartitionWriter writer : writers) {
            writer.assertAll();
        }
        quotas.linkUp();
    }

    private void onReaped(String owner) {
        lease.leaseLost(owner);
    }

    /** Removes an owner's entries everywhere; those of a former epoch of this node where it has written any. */
    private void remove(String owner, Runnable done) {
        boolean own = node.identity().owns(owner);
        int[] left = {Keyspace.CHANNEL_PARTITIONS + 1};
        Runnable one = () -> {
            if (--left[0] == 0) {
                done.run();
            }
        };
        for (int p = 0; p < Keyspace.CHANNEL_PARTITIONS; p++) {
            if (own && !writers[p].used()) {
                one.run();
            } else {
                writers[p].add(new Operation.Reap(owner, one));
            }
        }
        quotas.remove(owner, one);
    }

    private void onControl(Control control) {
        switch (control) {
            case Control.Restart restart -> restartLock.await(restart);
            case Control.TerminateUser terminate -> events.onControl(terminate);
        }
    }

    @Override
    public String node() {
        return node.identity().id();
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
    public Histories histories() {
        return histories;
    }

    @Override
    public Outbox outbox() {
        return outbox;
    }

    @Override
    public void serve(Webhooks served) {
        node.webhooks().serve(served, webhooks::written);
    }

    @Override
    public IdempotencyKeys idempotencyKeys() {
        return idempotencyKeys;
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
    public Optional<String> trouble() {
        return report.reason();
    }

    @Override
    public Optional<ClusterStatistics> meters() {
        return Optional.of(statistics());
    }

    /** Reaches Redis by {@code config} as soon as that works, by the former until then. Any thread; no wait. */
    public void redisChanged(RedisConfig config) {
        node.scheduler().execute(() -> link.replace(config));
    }

    ClusterStatistics statistics() {
        return LinkStatistics.of(linkUp, nodes, budget, flow, lag, node, writers);
    }

    /** Gives the lease back, so that this node's entries go; {@code done} runs when Redis has it. Cluster thread. */
    public void leave(Runnable done) {
        departure.leave(Duration.ZERO, done);
    }

    @Override
    public void close(Duration linger) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        departure.awaitWritten(budget);
        node.scheduler().execute(webhooks::release);
        departure.leave(linger);
        node.scheduler().execute(() -> {
            var _ = link.close().whenComplete((_, _) -> runtime.end().run());
        });
    }

    private final class Events implements ReplaceableLink.Listener {

        @Override
        public void onUp() {
            report.onUp();
            join();
        }

        private void join() {
            confirmed = false;
            for (PartitionReader reader : readers) {
                reader.linkUp();
            }
            lease.linkUp();
        }

        @Override
        public void onDown(RedisError error) {
            linkUp = false;
            node.counters().outages().increment();
            report.onDown(error);
            leave();
        }

        private void leave() {
            redisClock.forget();
            for (PartitionWriter writer : writers) {
                writer.suspend();
            }
            for (PartitionReader reader : readers) {
                reader.linkDown();
            }
            quotas.linkDown();
            balance.onLinkDown();
        }

        /** No outage: what was under way is sent again over the new link, within the turn in which it took over. */
        @Override
        public void onReplaced() {
            report.onReplaced();
            leave();
            join();
        }

        @Override
        public void onReplacementFailed(RedisError error) {
            report.onReplacementFailed(error);
        }

        @Override
        public void onAttemptFailed(RedisError error) {
            report.onAttemptFailed(error);
        }

        @Override
        public void onSubscribed(byte[] topic) {
            readers[Keyspace.partitionOf(topic)].onSubscribed();
        }

        @Override
        public void onSubscriptionLost(byte[] topic) {
            readers[Keyspace.partitionOf(topic)].onSubscriptionLost();
        }

        @Override
        public void onMessage(byte[] topic, byte[] message) {
            switch (message.length == 0 ? 0 : message[0]) {
                case FlowControl.MARK -> flow.onMessage(message);
                case WebhookPartitions.MARK -> webhooks.onMessage(message);
                default -> readers[Keyspace.partitionOf(topic)].onMessage(message);
            }
        }
    }
}
