package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.base.WriteBudget;
import dev.reverb.server.cluster.redis.frame.Operation;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.log.write.PartitionWriter;
import dev.reverb.server.cluster.redis.membership.Lease;
import dev.reverb.server.cluster.redis.quota.Quotas;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a node leaves: what it holds is written, its entries are removed, its lease is given back. Members that linger
 * are left to the other nodes, which remove them as those of a node that died, at the time that goes with the lease.
 * Called by the thread that closes the cluster, which it blocks.
 */
final class Departure {

    private static final Logger log = LoggerFactory.getLogger(Departure.class);
    private static final Duration LOOK = Duration.ofMillis(5);
    private static final Duration CLOSING = Duration.ofSeconds(2);
    /** How long to wait, before that, for what is held to be written. */
    private static final Duration HELD = Duration.ofSeconds(5);

    private final ClusterNode node;
    private final Link link;
    private final PartitionWriter[] writers;
    private final Lease lease;
    private final Quotas quotas;

    Departure(ClusterNode node, Link link, PartitionWriter[] writers, Lease lease, Quotas quotas) {
        this.node = node;
        this.link = link;
        this.writers = writers;
        this.lease = lease;
        this.quotas = quotas;
    }

    /** @param linger how long members that are still there stay; zero for not at all */
    void leave(Duration linger) {
        CountDownLatch left = new CountDownLatch(1);
        node.scheduler().execute(() -> leave(linger, left::countDown));
        try {
            if (!left.await(CLOSING.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("Redis did not take this node's leave within {} s; the others will notice",
                        CLOSING.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The same without a wait: {@code done} runs when Redis has it. Cluster thread. */
    void leave(Duration linger, Runnable done) {
        if (link.up()) {
            lease.retire();
            removeEntries(linger, () -> lease.leave(linger, done));
        } else {
            done.run();
        }
    }

    private void removeEntries(Duration linger, Runnable done) {
        String owner = node.identity().owner();
        int[] parts = {2};
        Runnable one = () -> {
            if (--parts[0] == 0) {
                done.run();
            }
        };
        for (int p = 0; p < Keyspace.CHANNEL_PARTITIONS; p++) {
            PartitionWriter writer = writers[p];
            if (writer.used() || !writer.idle()) {
                parts[0]++;
                if (linger.isZero() || writer.owned().members().isEmpty()) {
                    writer.add(new Operation.Reap(owner, one));
                } else {
                    awaitIdle(writer, one);
                }
            }
        }
        quotas.remove(owner, one);
        one.run();
    }

    private void awaitIdle(PartitionWriter writer, Runnable then) {
        if (writer.idle()) {
            then.run();
        } else {
            node.scheduler().schedule(() -> awaitIdle(writer, then), LOOK);
        }
    }

    /** What was acknowledged while the link was down dies with this process unless the link comes back now. */
    void awaitWritten(WriteBudget budget) {
        if (!budget.awaitGiven(HELD)) {
            log.warn("Redis did not come back within {} s: {} bytes of publications that were accepted are lost to the"
                    + " other nodes", HELD.toSeconds(), budget.held());
        }
    }
}
