package dev.reverb.server.cluster.nodes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server says and does while Redis is down, and after. */
@Tag("slow")
final class OutageTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final byte[] EVENT = "{\"name\":\"m\",\"channel\":\"c\",\"data\":\"1 \"}".getBytes(UTF_8);

    @TempDir
    Path folder;

    @Test
    void clientsStayAndAreServedProbesFollowTheirSettingAndMetersAndOneLineTell() throws Exception {
        try (RedisProcess redis = RedisProcess.server("--appendonly", "yes");
                Crowd crowd = new Crowd();
                ServerNode stays = ServerNode.start(folder, Map.of("REDIS_PORT", "" + redis.port()));
                ServerNode steps = ServerNode.start(folder,
                        Map.of("REDIS_PORT", "" + redis.port(), "REVERB_SCALING_READY_WHEN_DOWN", "false",
                                "REVERB_SCALING_WHEN_DOWN", "refuse"));
                ApiConnection atStays = new ApiConnection(stays.port());
                ApiConnection atSteps = new ApiConnection(steps.port())) {
            List<ServerNode> nodes = List.of(stays, steps);
            nodes.forEach(ServerNode::awaitReached);
            Spectator near = new Spectator("c", false);
            Spectator far = new Spectator("c", false);
            crowd.join(stays.port(), near);
            crowd.join(steps.port(), far);
            Await.until(SOON, () -> "not subscribed", () -> near.subscribed() && far.subscribed());
            assertEquals(200, atStays.publish(EVENT));
            Await.until(SOON, () -> "not delivered", () -> near.count() == 1 && far.count() == 1);
            Await.until(SOON, () -> "alone", () -> nodes.stream().allMatch(n -> n.meter("reverb_scaling_nodes") == 2));
            assertEquals(200, steps.status("/readyz"));
            assertEquals(1, stays.meter("reverb_scaling_published_total"));
            assertTrue(stays.meter("reverb_scaling_commands_total") > 1);

            redis.kill();
            Await.until(SOON, () -> "still up",
                    () -> nodes.stream().allMatch(n -> n.meter("reverb_redis_connected") == 0));
            for (ServerNode node : nodes) {
                assertEquals(200, node.status("/livez"));
                assertEquals(1, node.meter("reverb_scaling_outages_total"));
            }
            assertEquals(200, stays.status("/readyz"));
            assertEquals(503, steps.status("/readyz"));
            assertEquals(200, atStays.publish(EVENT));
            assertEquals(503, atSteps.publish(EVENT));
            Await.until(SOON, () -> "not delivered here", () -> near.count() == 2);
            assertTrue(stays.meter("reverb_scaling_held_bytes") > 0);
            assertEquals(1, steps.meter("reverb_scaling_refused_total"));
            Spectator late = new Spectator("c", false);
            crowd.join(stays.port(), late);
            Await.until(SOON, () -> "not subscribed", late::subscribed);

            redis.start();
            nodes.forEach(ServerNode::awaitWritten);
            Await.until(SOON, () -> "not delivered there", () -> far.count() == 2);
            assertEquals(200, steps.status("/readyz"));
            assertEquals(200, atSteps.publish(EVENT));
            Await.until(SOON, () -> "not delivered", () -> near.count() == 3 && far.count() == 3 && late.count() == 1);
            for (ServerNode node : nodes) {
                List<String> lines = node.output().lines().filter(line -> line.contains("Redis is")).toList();
                assertEquals(3, lines.size(), () -> "at the start, on loss and on return: " + node.output());
                assertTrue(lines.get(1).contains("WARN") && lines.get(1).contains("is not reached"), lines::toString);
                assertTrue(lines.get(2).contains("is reached again after"), lines::toString);
                assertEquals(1, node.output().lines().filter(line -> line.contains("WARN")).count(), node::output);
            }
        }
    }

    /** Redis that is halted, not gone, neither takes a publication nor refuses it. */
    @Test
    void whatIsNotAnsweredInTimeIsAnsweredWith504AndTheConnectionServesTheNextRequest() throws Exception {
        try (RedisProcess redis = RedisProcess.server();
                ServerNode node = ServerNode.start(folder,
                        Map.of("REDIS_PORT", "" + redis.port(), "REVERB_SCALING_LEASE", "120s", "REDIS_TIMEOUT", "60",
                                "REVERB_RESPONSE_TIMEOUT", "1s"));
                ApiConnection api = new ApiConnection(node.port())) {
            node.awaitReached();
            assertEquals(200, api.publish(EVENT));
            redis.pause();
            try {
                assertEquals(504, api.publish(EVENT));
                assertEquals(504, api.publish(EVENT));
            } finally {
                redis.resume();
            }
            node.awaitWritten();
            assertEquals(200, api.publish(EVENT));
        }
    }

    @Test
    void aServerStartsWithoutRedisAndSaysSo() throws Exception {
        int port = RedisProcess.freePort();
        try (ServerNode node = ServerNode.start(folder, Map.of("REDIS_PORT", "" + port));
                ApiConnection api = new ApiConnection(node.port())) {
            Await.until(SOON, () -> node.output(), () -> node.output().contains("Redis is not reached yet"));
            assertEquals(503, node.status("/readyz"), "clients are better off elsewhere for a moment");
            assertEquals(200, node.status("/livez"));
            assertEquals(200, api.publish(EVENT));
            Await.until(SOON, () -> "not ready without Redis", () -> node.status("/readyz") == 200);
            assertEquals(200, api.publish(EVENT));
        }
    }
}
