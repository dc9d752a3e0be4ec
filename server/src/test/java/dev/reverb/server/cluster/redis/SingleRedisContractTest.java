package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterContract;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.testkit.redis.RedisProcess;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract over one Redis server. */
final class SingleRedisContractTest extends ClusterContract {

    private static @Nullable RedisProcess redis;

    @BeforeAll
    static void startRedis() throws Exception {
        redis = RedisProcess.server();
    }

    @AfterAll
    static void stopRedis() {
        if (redis != null) {
            redis.close();
        }
    }

    @Override
    protected Cluster start(ClusterEvents events, Balance balance) {
        if (redis == null) {
            throw new IllegalStateException();
        }
        return Configs.connected(Configs.single(redis.address()), events, balance);
    }
}
