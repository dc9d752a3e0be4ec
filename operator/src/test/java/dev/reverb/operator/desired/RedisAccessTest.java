package dev.reverb.operator.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.ManagedRedisSpec;
import dev.reverb.operator.desired.redis.RedisAccess;
import dev.reverb.operator.desired.redis.RedisSecret;
import dev.reverb.operator.desired.redis.RedisStatefulSet;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Digest;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The managed Redis's configuration and probe, run with a real Redis. */
final class RedisAccessTest {
    private static final Duration START = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private final ClusterPlan plan = Plans.of("{}");
    private final ManagedRedisSpec redis = plan.managedRedis().orElseThrow();

    /** Writes what the Secret mounts; only the port and the folder of the data differ. */
    private void mount(RedisAccess access, int port) throws IOException {
        for (Map.Entry<String, String> entry : RedisSecret.of(plan, redis, access, false).getData().entrySet()) {
            String text = new String(Base64.getDecoder().decode(entry.getValue()), StandardCharsets.UTF_8)
                    .replace("port 6379", "port " + port)
                    .replace("dir /data", "dir " + folder);
            Files.writeString(folder.resolve(entry.getKey()), text);
        }
    }

    /** Runs the readiness probe; returns its exit code. */
    private int probe(int port) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(RedisStatefulSet.template(plan, redis, false)
                .getSpec()
                .getContainers()
                .getFirst()
                .getReadinessProbe()
                .getExec()
                .getCommand());
        command.replaceAll(part -> part.replace("/etc/redis", folder.toString())
                .replace("redis-cli ", "redis-cli -p " + port + " "));
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        return process.exitValue();
    }

    private static String ask(int port, String... words) {
        List<String> command = new ArrayList<>(List.of("redis-cli", "--no-auth-warning", "-p", "" + port));
        command.addAll(List.of(words));
        try {
            return new String(
                    new ProcessBuilder(command).redirectErrorStream(true).start().getInputStream().readAllBytes(),
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theProbeMakesAnotherPasswordKnownWithoutARestart() throws Exception {
        int port = RedisProcess.freePort();
        mount(RedisAccess.of("old", "control"), port);
        Process server = new ProcessBuilder(RedisProcess.executable().getPath(),
                folder.resolve("redis.conf").toString()).inheritIO().start();
        try {
            Await.until(START, () -> ask(port, "-a", "old", "ping"),
                    () -> ask(port, "-a", "old", "ping").contains("PONG"));
            assertEquals(0, probe(port));
            assertTrue(ask(port, "-a", "new", "ping").contains("WRONGPASS"));

            mount(RedisAccess.of("new", List.of(Digest.sha256("old")), "control"), port);
            assertEquals(0, probe(port));
            assertTrue(ask(port, "-a", "new", "ping").contains("PONG"));
            assertTrue(ask(port, "-a", "old", "set", "k", "v").contains("OK"));

            mount(RedisAccess.of("new", "control"), port);
            assertEquals(0, probe(port));
            assertTrue(ask(port, "-a", "new", "get", "k").contains("v"));
            assertTrue(ask(port, "-a", "old", "ping").contains("WRONGPASS"));
            assertTrue(ask(port, "ping").contains("NOAUTH"));
            // what the probe's user can do is no way in
            assertTrue(ask(port, "--user", "reverb-probe", "-a", "control", "get", "k").contains("NOPERM"));
        } finally {
            server.destroy();
            server.waitFor();
        }
        assertNotEquals(0, probe(port));
    }

    @Test
    void noPasswordStandsInTheConfiguration() {
        RedisAccess access = RedisAccess.of("a \"quoted\" one", "the-control");
        String configuration = new String(
                Base64.getDecoder().decode(RedisSecret.of(plan, redis, access, false).getData().get("redis.conf")),
                StandardCharsets.UTF_8);
        assertTrue(!configuration.contains("quoted") && !configuration.contains("the-control"), configuration);
        assertEquals(RedisStatefulSet.template(plan, redis, false), RedisStatefulSet.template(plan, redis, false));
    }
}
