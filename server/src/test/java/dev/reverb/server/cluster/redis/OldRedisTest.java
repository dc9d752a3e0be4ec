package dev.reverb.server.cluster.redis;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterContract;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.config.ScalingConfig;
import dev.reverb.server.config.ScalingConfig.RedisConfig;
import dev.reverb.server.config.ScalingConfig.Topology;
import dev.reverb.server.config.ScalingConfig.WhenDown;
import dev.reverb.testkit.redis.RedisProcess;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/**
 * The contract over Redis 6.2, as a user with a password who may touch nothing but the prefix and no dangerous
 * command, in a
 * database that is not the first. */
@Tag("slow")
final class OldRedisTest extends ClusterContract {

    private static @Nullable RedisProcess redis;

    @BeforeAll
    static void startRedis() throws Exception {
        redis = RedisProcess.server(RedisProcess.bundled());
        String answer = redis.command("ACL", "SETUSER", "reverb", "on", ">secret", "resetchannels", "~test:*",
                "&test:*", "+@all", "-@dangerous", "+info");
        if (!answer.contains("OK")) {
            throw new IllegalStateException(answer);
        }
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
        RedisConfig config = new RedisConfig(List.of(redis.address()), Topology.SINGLE, Optional.empty(),
                Optional.empty(), Optional.of("reverb"), Optional.of("secret"), 3, false, Optional.empty(), true,
                Duration.ofSeconds(60));
        return Configs.connected(
                new ScalingConfig(true, "test", config, Configs.LEASE, Duration.ofSeconds(60), WhenDown.HOLD, true),
                events, balance);
    }
}
