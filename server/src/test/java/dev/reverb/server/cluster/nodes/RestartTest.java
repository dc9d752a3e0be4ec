package dev.reverb.server.cluster.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code reverb restart} on a cluster. */
@Tag("slow")
final class RestartTest {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int CLIENTS = 40;

    @TempDir
    Path folder;

    @Test
    void nodesDrainAndEndOneAfterTheOtherAndNothingIsLost() throws Exception {
        try (RedisProcess redis = RedisProcess.server(); MessagesRun run = new MessagesRun(folder, 40)) {
            Map<String, String> settings = Map.of("REDIS_PORT", "" + redis.port(), "REVERB_DRAIN_DURATION", "1s",
                    "REVERB_DRAIN_CLOSES_PER_SECOND", "1", "REVERB_SCALING_LEASE", "3s");
            List<ServerNode> nodes = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                nodes.add(run.start(settings));
            }
            nodes.forEach(node -> run.populate(node, CLIENTS));
            Await.until(PATIENCE, () -> "not all seen",
                    () -> nodes.stream().allMatch(n -> n.meter("reverb_scaling_nodes") == 3));
            run.publish(100);
            String said = restart(redis.port());
            assertTrue(said.contains("3 nodes"), said);

            // the one that serves no longer is replaced when it has ended, as its supervisor would
            List<ServerNode> serving = new ArrayList<>(nodes);
            AtomicInteger fewest = new AtomicInteger(3);
            for (int i = 0; i < 3; i++) {
                ServerNode leaving = awaitUnready(nodes, serving, fewest);
                run.leaving(leaving);
                assertEquals(0, leaving.awaitEnd(), leaving::output);
                assertTrue(leaving.output().contains("of them at the deadline"), leaving::output);
                serving.remove(leaving);
                nodes.remove(leaving);
                ServerNode successor = run.start(settings);
                run.populate(successor, 0);
                serving.add(successor);
            }
            run.progress(100);
            assertEquals(List.of(), nodes, "restarted");
            assertEquals(2, fewest.get(), "nodes that served at any time");
            run.stop();
            Verdict verdict = run.verdict(PATIENCE);
            assertTrue(verdict.perfect(), () -> verdict + "; " + run.summary());
            Await.until(PATIENCE, () -> run.connected() + " clients", () -> run.connected() == 3 * CLIENTS);
        }
    }

    private static ServerNode awaitUnready(List<ServerNode> old, List<ServerNode> serving, AtomicInteger fewest) {
        List<ServerNode> unready = new ArrayList<>();
        Await.until(PATIENCE, () -> "nobody drains", () -> {
            unready.clear();
            serving.stream().filter(node -> !ready(node)).forEach(unready::add);
            fewest.accumulateAndGet(serving.size() - unready.size(), Math::min);
            return !unready.isEmpty();
        });
        ServerNode first = unready.getFirst();
        assertTrue(old.contains(first), "a successor restarted");
        return first;
    }

    private static boolean ready(ServerNode node) {
        try {
            return node.alive() && node.status("/readyz") == 200;
        } catch (java.io.UncheckedIOException e) {
            return false; // it ends just now
        }
    }

    @Test
    @Tag("long")
    void withoutRedisItSaysSo() throws Exception {
        int port = RedisProcess.freePort();
        String said = restart(port);
        assertTrue(said.startsWith("reverb: Redis is not reached at [127.0.0.1:" + port + "]"), said);
    }

    @Test
    void withoutServersItSaysSo() throws Exception {
        try (RedisProcess redis = RedisProcess.server()) {
            String said = restart(redis.port());
            assertTrue(said.startsWith("reverb: no server of this cluster is running"), said);
        }
    }

    private String restart(int redis) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), "dev.reverb.server.cli.Main", "restart")
                .directory(folder.toFile())
                .redirectErrorStream(true);
        builder.environment().putAll(Map.of("REVERB_SCALING_ENABLED", "true", "REDIS_PORT", "" + redis));
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), said);
        return said;
    }
}
