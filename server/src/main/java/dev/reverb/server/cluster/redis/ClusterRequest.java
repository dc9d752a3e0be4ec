package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.redis.base.Clock;
import dev.reverb.server.cluster.redis.base.ClusterCounters;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.ClusterTiming;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.base.NodeIdentity;
import dev.reverb.server.cluster.redis.base.WriteBudget;
import dev.reverb.server.cluster.redis.budget.MemoryLimits;
import dev.reverb.server.cluster.redis.fault.RedisError;
import dev.reverb.server.cluster.redis.frame.Ack;
import dev.reverb.server.cluster.redis.frame.Operation;
import dev.reverb.server.cluster.redis.link.ClusterEventLoop;
import dev.reverb.server.cluster.redis.link.Command;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.LinkFactory;
import dev.reverb.server.cluster.redis.log.write.PartitionWriter;
import dev.reverb.server.config.ScalingConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A request to all nodes from a process that is none of them: it takes no lease and subscribes to nothing. */
public final class ClusterRequest implements Link.Listener {

    /** How often to look whether it is written. */
    private static final Duration LOOK = Duration.ofMillis(10);

    private final ClusterEventLoop loop = new ClusterEventLoop();
    private final ClusterNode node;
    private final Link link;
    private final PartitionWriter writer;
    private final Control control;
    private final CompletableFuture<Integer> nodes = new CompletableFuture<>();
    private volatile String problem = "no answer";

    private ClusterRequest(ScalingConfig config, Control control) {
        this.control = control;
        SplittableRandom random = new SplittableRandom();
        node = new ClusterNode(NodeIdentity.create(random), loop, Clock.SYSTEM, random,
                new Keyspace(config.prefix(), config.redis().database()), ClusterTiming.of(config),
                ClusterCounters.create(), MemoryLimits.ofHeap());
        link = LinkFactory.LETTUCE.create(config.redis(), loop, node, this);
        writer = new PartitionWriter(Keyspace.CONTROL, node, link, new WriteBudget(Long.MAX_VALUE), _ -> {});
    }

    /**
     * Sends {@code control}; returns when it is written. Blocks.
     *
     * @param limit how long to try to reach Redis
     * @return how many nodes have it to carry out
     * @throws IOException when Redis is not reached in time
     */
    public static int send(ScalingConfig config, Control control, Duration limit)
            throws IOException, InterruptedException {
        ClusterRequest request = new ClusterRequest(config, control);
        try {
            request.loop.execute(request.link::start);
            return request.nodes.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("Redis is not reached at " + config.redis().nodes() + " within " + limit.toSeconds()
                    + " s: " + request.problem, e);
        } finally {
            request.loop.execute(() -> {
                var _ = request.link.close().whenComplete((_, _) -> request.loop.close());
            });
        }
    }

    @Override
    public void onUp() {
        link.send(new Command.SortedSetSize(node.keys().leases()), (count, e) -> {
            if (count == null) {
                problem = String.valueOf(e);
                return;
            }
            writer.add(new Operation.Request(control, Ack.NONE));
            awaitWritten(count.intValue());
        });
    }

    private void awaitWritten(int count) {
        if (writer.used() && writer.idle()) {
            nodes.complete(count);
        } else {
            loop.schedule(() -> awaitWritten(count), LOOK);
        }
    }

    @Override
    public void onDown(RedisError error) {
        problem = error.toString();
    }

    @Override
    public void onAttemptFailed(RedisError error) {
        problem = error.toString();
    }

    @Override
    public void onSubscribed(byte[] topic) {}

    @Override
    public void onSubscriptionLost(byte[] topic) {}

    @Override
    public void onMessage(byte[] topic, byte[] message) {}
}
