package dev.reverb.server.cluster.redis.base;

import dev.reverb.server.cluster.Webhooks;
import dev.reverb.server.cluster.redis.budget.HistoryBudget;
import dev.reverb.server.cluster.redis.budget.LogBudget;
import dev.reverb.server.cluster.redis.budget.MemoryLimits;
import dev.reverb.server.cluster.redis.fault.RefusalLog;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;

/**
 * What every part of one node's link needs: who the node is, its thread, its time and its limits. Tests make one with a
 * manual clock.
 *
 * @param logs how large the logs in Redis are
 * @param histories how large the histories in Redis are
 * @param refusals logs what Redis refuses though the link is up; cluster thread only
 * @param webhooks who sends what happens to webhooks, once somebody does
 * @param random spreads the attempts of nodes; cluster thread only
 */
public record ClusterNode(
        NodeIdentity identity,
        Scheduler scheduler,
        Clock clock,
        RandomGenerator random,
        Keyspace keys,
        ClusterTiming timing,
        ClusterCounters counters,
        MemoryLimits limits,
        LogBudget logs,
        HistoryBudget histories,
        RefusalLog refusals,
        WebhookPort webhooks) {

    public ClusterNode(NodeIdentity identity, Scheduler scheduler, Clock clock, RandomGenerator random, Keyspace keys,
            ClusterTiming timing, ClusterCounters counters, MemoryLimits limits) {
        this(identity, scheduler, clock, random, keys, timing, counters, limits, new LogBudget(limits),
                new HistoryBudget(limits.histories(), limits.historiesOfApp()), new RefusalLog(), new WebhookPort());
    }

    /** What {@code write.lua} replied about one partition. */
    public void written(int partition, List<Object> reply) {
        webhooks.written(partition, reply);
        if (reply.size() > 4) {
            histories.written((byte[]) reply.get(4));
        }
    }

    /** Who sends what happens to webhooks, from {@link #serve} on. Any thread may read it. */
    public static final class WebhookPort {

        private volatile Webhooks served = Webhooks.NONE;
        private volatile IntConsumer waiting = _ -> {};

        /** @param waiting receives, on the cluster's thread, partitions in which something waits now, or may soon */
        public void serve(Webhooks webhooks, IntConsumer waiting) {
            this.waiting = waiting;
            this.served = webhooks;
        }

        public Webhooks served() {
            return served;
        }

        /** What {@code write.lua} replied: with a third element of 1, something waits. */
        public void written(int partition, List<Object> reply) {
            if (reply.size() > 2 && (Long) reply.get(2) == 1) {
                waiting.accept(partition);
            }
        }
    }
}
