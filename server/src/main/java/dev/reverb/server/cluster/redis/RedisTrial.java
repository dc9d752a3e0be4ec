package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.redis.base.Clock;
import dev.reverb.server.cluster.redis.base.ClusterCounters;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.ClusterTiming;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.base.NodeIdentity;
import dev.reverb.server.cluster.redis.budget.MemoryLimits;
import dev.reverb.server.cluster.redis.fault.RedisError;
import dev.reverb.server.cluster.redis.link.ClusterEventLoop;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.LinkFactory;
import dev.reverb.server.config.ScalingConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One attempt to use Redis the way that a node does, with its addresses, user, database and TLS; writes nothing. */
public final class RedisTrial implements Link.Listener {

    private final ClusterEventLoop loop = new ClusterEventLoop();
    private final Link link;
    private final CompletableFuture<Optional<String>> outcome = new CompletableFuture<>();

    private RedisTrial(ScalingConfig config) {
        SplittableRandom random = new SplittableRandom();
        ClusterNode node = new ClusterNode(NodeIdentity.create(random), loop, Clock.SYSTEM, random,
                new Keyspace(config.prefix(), config.redis().database()), ClusterTiming.of(config),
                ClusterCounters.create(), MemoryLimits.ofHeap());
        link = LinkFactory.LETTUCE.create(config.redis(), loop, node, this);
    }

    /**
     * Why Redis cannot be used, with where it was looked for and what to set; empty when it can. Blocks.
     *
     * @param limit how long an answer may take
     */
    public static Optional<String> problem(ScalingConfig config, Duration limit) throws InterruptedException {
        RedisTrial trial = new RedisTrial(config);
        try {
            trial.loop.execute(trial.link::start);
            return trial.outcome.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return Optional.of(String.join(", ", config.redis().nodes()) + ": no answer within " + limit.toSeconds()
                    + " s; does a firewall let this through?");
        } finally {
            trial.loop.execute(() -> {
                var _ = trial.link.close().whenComplete((_, _) -> trial.loop.close());
            });
        }
    }

    @Override
    public void onUp() {
        outcome.complete(Optional.empty());
    }

    @Override
    public void onDown(RedisError error) {
        outcome.complete(Optional.of(error.toString()));
    }

    @Override
    public void onAttemptFailed(RedisError error) {
        outcome.complete(Optional.of(error.toString()));
    }

    @Override
    public void onSubscribed(byte[] topic) {}

    @Override
    public void onSubscriptionLost(byte[] topic) {}

    @Override
    public void onMessage(byte[] topic, byte[] message) {}
}
