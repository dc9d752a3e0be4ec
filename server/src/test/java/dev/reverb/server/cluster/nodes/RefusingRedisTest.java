package dev.reverb.server.cluster.nodes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Redis answers, and refuses: what two servers say and do meanwhile, one that holds and one that refuses. */
@Tag("slow")
final class RefusingRedisTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final byte[] EVENT = "{\"name\":\"m\",\"channel\":\"c\",\"data\":\"1 \"}".getBytes(UTF_8);
    private static final String[] ALL = {"ACL", "SETUSER", "u", "reset", "on", ">pw", "~*", "&*", "+@all"};

    @TempDir
    static Path folder = Path.of("");

    private static @Nullable Scene shared;

    /** One Redis, a server that holds and one that refuses, and their clients. */
    private static final class Scene implements AutoCloseable {
        final Path data = Files.createDirectory(folder.resolve("data"));
        final RedisProcess redis = RedisProcess.server("--dir", data.toString());
        final ServerNode holds;
        final ServerNode refuses;
        final Crowd crowd = new Crowd();
        final ApiConnection atHolds;
        final ApiConnection atRefuses;

        Scene() throws Exception {
            redis.command(ALL);
            Map<String, String> user = Map.of("REDIS_PORT", "" + redis.port(), "REDIS_USERNAME", "u", "REDIS_PASSWORD",
                    "pw");
            holds = ServerNode.start(folder, user);
            refuses = ServerNode.start(folder,
                    Map.of("REDIS_PORT", "" + redis.port(), "REDIS_USERNAME", "u", "REDIS_PASSWORD", "pw",
                            "REVERB_SCALING_READY_WHEN_DOWN", "false", "REVERB_SCALING_WHEN_DOWN", "refuse"));
            List.of(holds, refuses).forEach(ServerNode::awaitReached);
            atHolds = new ApiConnection(holds.port());
            atRefuses = new ApiConnection(refuses.port());
        }

        @Override
        public void close() {
            crowd.close();
            atHolds.close();
            atRefuses.close();
            holds.close();
            refuses.close();
            redis.close();
        }
    }

    @BeforeAll
    static void start() throws Exception {
        shared = new Scene();
    }

    @AfterAll
    static void stop() {
        if (shared != null) {
            shared.close();
        }
    }

    private static Scene scene() {
        if (shared == null) {
            throw new IllegalStateException("not started");
        }
        return shared;
    }

    private static Spectator join(ServerNode node, String channel) {
        Spectator spectator = new Spectator(channel, false);
        scene().crowd.join(node.port(), spectator);
        return spectator;
    }

    private static void assertLocalServiceUntilHealed(Runnable fault, Runnable repair, String code, String words)
            throws Exception {
        Scene s = scene();
        List<ServerNode> nodes = List.of(s.holds, s.refuses);
        nodes.forEach(ServerNode::awaitWritten);
        Spectator near = join(s.holds, "c");
        Spectator far = join(s.refuses, "c");
        Await.until(SOON, () -> "not subscribed", () -> near.subscribed() && far.subscribed());
        List<Integer> lines = nodes.stream().map(node -> node.output().length()).toList();

        fault.run();
        try {
            assertLocalService(near, lines, code, words);
        } finally {
            repair.run();
        }
        nodes.forEach(ServerNode::awaitWritten);
        Await.until(SOON, () -> "what was held is lost", () -> far.count() == 1);
        assertEquals(200, s.atRefuses.publish(EVENT));
        Await.until(SOON, () -> "not delivered", () -> near.count() == 2 && far.count() == 2);
        assertEquals(200, s.refuses.status("/readyz"));
        near.close();
        far.close();
    }

    private static void assertLocalService(Spectator near, List<Integer> lines, String code, String words)
            throws Exception {
        Scene s = scene();
        List<ServerNode> nodes = List.of(s.holds, s.refuses);
        Await.until(SOON, () -> "still connected: " + s.holds.output(),
                () -> nodes.stream().allMatch(node -> node.meter("reverb_redis_connected") == 0));
        assertEquals(200, s.atHolds.publish(EVENT), "held");
        assertEquals(503, s.atRefuses.publish(EVENT));
        Await.until(SOON, () -> "not delivered here", () -> near.count() == 1);
        assertTrue(s.holds.meter("reverb_scaling_held_bytes") > 0);
        for (ServerNode node : nodes) {
            Spectator late = join(node, "late-" + code);
            Await.until(SOON, () -> "a subscription is not answered", late::subscribed);
        }
        Pattern counted = Pattern.compile("reverb_redis_errors_total\\{code=\"" + code + "\"} (\\S+)");
        for (ServerNode node : nodes) {
            Await.until(SOON, () -> node.meters("reverb_redis_errors.*"), () -> {
                Matcher matcher = counted.matcher(node.meters("reverb_redis_errors.*"));
                return matcher.find() && Double.parseDouble(matcher.group(1)) > 0;
            });
        }
        assertEquals(200, s.holds.status("/readyz"));
        assertEquals(503, s.refuses.status("/readyz"));
        Await.until(SOON, () -> s.refuses.page("/readyz"), () -> s.refuses.page("/readyz").contains(words));
        long connectionsBefore = connections();
        long until = System.nanoTime() + 4_000_000_000L;
        Await.until(SOON, () -> "", () -> System.nanoTime() > until);
        assertTrue(connections() - connectionsBefore <= 2 * 2 * 10,
                () -> "reconnects in 4 s: " + (connections() - connectionsBefore));
        for (int i = 0; i < nodes.size(); i++) {
            ServerNode node = nodes.get(i);
            int from = lines.get(i);
            List<String> warnings = node.output()
                    .substring(from)
                    .lines()
                    .filter(line -> line.contains("WARN") || line.contains("ERROR"))
                    .toList();
            assertEquals(1, warnings.stream().filter(line -> line.contains(words)).count(), warnings::toString);
            assertTrue(warnings.stream().anyMatch(line -> line.contains(":" + s.redis.port())), warnings::toString);
            assertTrue(warnings.size() <= 2, warnings::toString);
        }
    }

    /** Connections that Redis ever accepted. */
    private static long connections() {
        Matcher matcher = Pattern.compile("total_connections_received:(\\d+)")
                .matcher(scene().redis.command("INFO", "stats"));
        assertTrue(matcher.find());
        return Long.parseLong(matcher.group(1));
    }

    private static void user(String... rules) {
        String[] command = new String[rules.length + 3];
        command[0] = "ACL";
        command[1] = "SETUSER";
        command[2] = "u";
        System.arraycopy(rules, 0, command, 3, rules.length);
        assertEquals("+OK\r\n", scene().redis.command(command));
    }

    private static void set(String name, String value) {
        assertEquals("+OK\r\n", scene().redis.command("CONFIG", "SET", name, value));
    }

    @Test
    void fullMemory() throws Exception {
        assertLocalServiceUntilHealed(() -> set("maxmemory", "1"), () -> set("maxmemory", "0"), "OOM",
                "OOM command not allowed");
    }

    @Test
    void aUserWithoutChannels() throws Exception {
        assertLocalServiceUntilHealed(() -> user("resetchannels"), () -> user("&*"), "NOPERM",
                "The user executing the script can't publish to the channel");
    }

    @Test
    void aUserWithoutScripts() throws Exception {
        assertLocalServiceUntilHealed(() -> user("-@scripting"), () -> user("+@all"), "NOPERM", "NOPERM");
    }

    @Test
    void aUserWithoutWrites() throws Exception {
        assertLocalServiceUntilHealed(() -> user("-@write"), () -> user("+@all"), "NOPERM",
                "The user executing the script can't run this command");
    }

    @Test
    void aSnapshotThatFailed() throws Exception {
        Path data = scene().data;
        assertLocalServiceUntilHealed(() -> {
            try (var files = Files.list(data)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
                Files.delete(data);
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            set("save", "3600 1");
            scene().redis.command("BGSAVE");
            Await.until(SOON, () -> "the snapshot did not fail",
                    () -> scene().redis.command("INFO", "persistence").contains("rdb_last_bgsave_status:err"));
        }, () -> set("save", ""), "MISCONF", "MISCONF Redis is configured to save RDB snapshots");
    }

    @Test
    void aRevokedPassword() throws Exception {
        assertLocalServiceUntilHealed(() -> {
            user("resetpass", ">other");
            scene().redis.command("CLIENT", "KILL", "USER", "u");
        }, () -> user(">pw"), "WRONGPASS", "WRONGPASS invalid username-password pair");
    }
}
