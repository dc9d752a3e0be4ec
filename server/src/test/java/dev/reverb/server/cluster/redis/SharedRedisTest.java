package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.config.ScalingConfig;
import dev.reverb.server.config.ScalingConfig.RedisConfig;
import dev.reverb.server.config.ScalingConfig.Topology;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Several clusters on one Redis, and Sentinels that want passwords. */
final class SharedRedisTest extends Faults {

    private static final ChannelId CHANNEL = new ChannelId("app", "shared");

    private static ScalingConfig database(RedisProcess redis, int database) {
        return Configs.over(new RedisConfig(List.of(redis.address()), Topology.SINGLE, Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), database, false, Optional.empty(), true,
                Duration.ofSeconds(60)));
    }

    /** Each pair receives its own and nothing of the others'. */
    private void separate(List<ScalingConfig> clusters) {
        List<RecordingEvents> heard = new ArrayList<>();
        for (int i = 0; i < clusters.size(); i++) {
            RecordingEvents events = new RecordingEvents();
            heard.add(events);
            RedisCluster listener = track(Configs.connected(clusters.get(i), events));
            listener.broker().attach(CHANNEL);
            Await.until(LONG, () -> "not attached", () -> !events.attached(CHANNEL).isEmpty());
        }
        for (int i = 0; i < clusters.size(); i++) {
            RedisCluster publisher = track(Configs.connected(clusters.get(i), new RecordingEvents()));
            for (String message : List.of("first-" + i, "last-" + i)) {
                assertTrue(publisher.broker()
                        .publish(List.of(Publication.of(CHANNEL, message.getBytes(UTF_8))), () -> {}));
            }
            RecordingEvents events = heard.get(i);
            Await.until(LONG, () -> "nothing", () -> events.count(CHANNEL) >= 2);
            assertTrue(publisher.othersServe());
        }
        for (int i = 0; i < clusters.size(); i++) {
            assertEquals(List.of("first-" + i, "last-" + i), heard.get(i).messages(CHANNEL));
        }
    }

    @Test
    void clustersWithPrefixesOfTheirOwnDoNotHearEachOther() throws Exception {
        ScalingConfig config = Configs.single(track(RedisProcess.server()).address());
        separate(List.of(config, Configs.withPrefix(config, "test:2"), Configs.withPrefix(config, "tes")));
    }

    @Test
    void clustersInDatabasesOfTheirOwnDoNotHearEachOther() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        separate(List.of(database(redis, 0), database(redis, 3)));
    }

    @Test
    void sentinelsAndThePrimaryMayHaveAPasswordEach() throws Exception {
        RedisProcess primary = track(RedisProcess.server("--requirepass", "secret"));
        RedisProcess sentinel = track(
                RedisProcess.sentinel(primary.port(), 1, "sentinel auth-pass main secret", "requirepass hush"));
        separate(List.of(Configs.over(new RedisConfig(List.of(sentinel.address()), Topology.SENTINEL,
                Optional.of("main"), Optional.of("hush"), Optional.empty(), Optional.of("secret"), 0, false,
                Optional.empty(), true, Duration.ofSeconds(60)))));
    }
}
