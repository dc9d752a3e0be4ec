package dev.reverb.server.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterContract;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.cluster.RecordingWebhooks;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.config.ScalingConfig.RedisConfig;
import dev.reverb.server.config.ScalingConfig.Topology;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract as the user that {@code docs/scaling.md} gives: it lacks no right, and has none that is not used. */
final class DocumentedUserTest extends ClusterContract {

    private static @Nullable RedisProcess redis;
    private static String[] line = {};

    @BeforeAll
    static void startRedis() throws Exception {
        redis = RedisProcess.server();
        line = Files.readAllLines(Path.of("..", "docs", "scaling.md"))
                .stream()
                .filter(text -> text.startsWith("ACL SETUSER reverb "))
                .findFirst()
                .orElseThrow()
                .replace("PASSWORD", "secret")
                .split(" ");
        assertEquals("+OK\r\n", redis.command(line));
        redis.command("CONFIG", "RESETSTAT");
    }

    @AfterAll
    static void everyRightWasUsedAndNoneWasMissing() {
        if (redis == null) {
            return;
        }
        try {
            assertEquals("*0\r\n", redis.command("ACL", "LOG"), "a right is missing");
            String used = redis.command("INFO", "commandstats");
            List<String> unused = Arrays.stream(line)
                    .filter(word -> word.startsWith("+"))
                    .map(word -> word.substring(1).toLowerCase(Locale.ROOT))
                    .filter(command -> !command.equals("unsubscribe")) // of a partition that is left, seconds later
                    .filter(command -> !used.contains("cmdstat_" + command + ":"))
                    .toList();
            assertTrue(unused.isEmpty(), () -> "rights without a use: " + unused);
        } finally {
            redis.close();
        }
    }

    @Override
    protected Cluster start(ClusterEvents events, Balance balance) {
        if (redis == null) {
            throw new IllegalStateException("not started");
        }
        return Configs.connected(Configs.withPrefix(Configs.over(new RedisConfig(List.of(redis.address()),
                Topology.SINGLE, Optional.empty(), Optional.empty(), Optional.of("reverb"), Optional.of("secret"), 0,
                false, Optional.empty(), true, Duration.ofSeconds(60))), "reverb"), events, balance);
    }

    @Test
    void webhooksAreToldThatAChannelIsOccupiedAndVacated() throws Exception {
        Node node = node();
        RecordingWebhooks webhooks = new RecordingWebhooks();
        node.cluster().serve(webhooks);
        ChannelId channel = channel("told-");
        node.cluster().state().count(channel, 1);
        Await.until("the channel is occupied", () -> webhooks.of(channel).size() == 1);
        node.cluster().state().count(channel, 0);
        Await.until("the channel is vacated", () -> webhooks.of(channel).size() == 2);
        assertEquals(List.of("channel_occupied", "channel_vacated"), webhooks.of(channel));
        RedisProcess asked = Objects.requireNonNull(redis);
        Await.until("what is done is removed", () -> asked.command("INFO", "commandstats").contains("cmdstat_xdel:"));
    }
}
