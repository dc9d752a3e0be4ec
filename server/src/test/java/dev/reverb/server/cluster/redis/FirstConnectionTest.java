package dev.reverb.server.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.config.ScalingConfig.RedisConfig;
import dev.reverb.server.config.ScalingConfig.Topology;
import dev.reverb.server.tls.Authority;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Why a node does not reach Redis at its start is in one line: where it looked, and what the answer was. */
@Tag("slow")
final class FirstConnectionTest extends Faults {

    @TempDir
    static Path folder = Path.of("");

    private static @Nullable RedisProcess redis;
    private static int tlsPort;

    @BeforeAll
    static void startRedis() throws Exception {
        Authority authority = Authority.create(folder);
        authority.issue("redis", 1);
        tlsPort = RedisProcess.freePort();
        redis = RedisProcess.server("--tls-port", "" + tlsPort, "--tls-cert-file",
                authority.certificate("redis").toString(), "--tls-key-file", authority.key("redis").toString(),
                "--tls-ca-cert-file", folder.resolve("ca.pem").toString(), "--tls-auth-clients", "no", "--user", "u",
                "on", ">pw", "~*", "&*", "+@all");
        redis.command("ACL", "SETUSER", "weak", "reset", "on", ">pw", "~*", "&*", "+@all", "-xadd");
        redis.command("ACL", "SETUSER", "strange", "reset", "on", ">pw", "~other:*", "&*", "+@all");
    }

    @AfterAll
    static void stopRedis() {
        if (redis != null) {
            redis.close();
        }
    }

    private static RedisConfig config(String address, Topology topology, String user, String password, boolean tls) {
        return new RedisConfig(List.of(address), topology, Optional.empty(), Optional.empty(), Optional.of(user),
                Optional.of(password), 0, tls, tls ? Optional.of(folder.resolve("ca.pem")) : Optional.empty(), true,
                Duration.ofSeconds(60));
    }

    private static String plain() {
        if (redis == null) {
            throw new IllegalStateException("not started");
        }
        return redis.address();
    }

    private void assertSaid(RedisConfig config, String... words) {
        String address = config.nodes().getFirst();
        List<String> lines = new CopyOnWriteArrayList<>();
        Handler kept = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                if (entry.getMessage() != null && entry.getMessage().contains("Redis is not reached yet")
                        && entry.getMessage().contains(address)) {
                    lines.add(entry.getMessage());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger root = Logger.getLogger("");
        root.addHandler(kept);
        try {
            RedisCluster node = track(
                    LinkFault.NONE.start(Configs.over(config), new RecordingEvents(), () -> 0, Balance.NONE));
            Await.until(Duration.ofSeconds(20), () -> "nothing is said", () -> !lines.isEmpty());
            assertEquals(1, lines.size(), lines::toString);
            for (String word : words) {
                assertTrue(lines.getFirst().contains(word), () -> word + " is not in " + lines);
                assertTrue(node.trouble().orElse("").contains(word), () -> word + " is not in " + node.trouble());
            }
            assertFalse(lines.getFirst().contains("secret-password"), lines::toString);
        } finally {
            root.removeHandler(kept);
        }
    }

    @Test
    void aWrongPassword() {
        assertSaid(config(plain(), Topology.SINGLE, "u", "secret-password", false), "WRONGPASS");
    }

    @Test
    void nothingListens() throws Exception {
        assertSaid(config("127.0.0.1:" + RedisProcess.freePort(), Topology.SINGLE, "u", "pw", false),
                "Connection refused");
    }

    @Test
    void anUnknownHost() {
        assertSaid(config("no-such-host.invalid:6379", Topology.SINGLE, "u", "pw", false), "unknown host");
    }

    @Test
    void aRightIsMissing() {
        assertSaid(config(plain(), Topology.SINGLE, "weak", "pw", false), "can't run this command");
    }

    @Test
    void keysAreMissing() {
        assertSaid(config(plain(), Topology.SINGLE, "strange", "pw", false), "NOPERM", "keys");
    }

    @Test
    void tlsToAPortWithout() {
        assertSaid(config(plain(), Topology.SINGLE, "u", "pw", true), "TLS");
    }

    @Test
    void withoutTlsToAPortThatExpectsIt() {
        assertSaid(config("127.0.0.1:" + tlsPort, Topology.SINGLE, "u", "pw", false), "TLS");
    }

    @Test
    void aClusterIsSaidToBeOneAndIsNot() {
        assertSaid(config(plain(), Topology.CLUSTER, "u", "pw", false), "cluster");
    }

    @Test
    void aClusterOfWhichNobodyListens() throws Exception {
        assertSaid(config("127.0.0.1:" + RedisProcess.freePort(), Topology.CLUSTER, "u", "pw", false),
                "Connection refused");
    }
}
