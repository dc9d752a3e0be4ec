package dev.reverb.server.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterContract;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.config.ScalingConfig;
import dev.reverb.server.config.ScalingConfig.RedisConfig;
import dev.reverb.server.config.ScalingConfig.Topology;
import dev.reverb.server.tls.Authority;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract over TLS to a Redis whose certificate an own authority signed, as a user with a password. */
final class SecuredRedisTest extends ClusterContract {

    @TempDir
    static Path folder = Path.of("");

    private static @Nullable RedisProcess redis;
    private static int tlsPort;

    @BeforeAll
    static void startRedis() throws Exception {
        Authority authority = Authority.create(folder);
        authority.issue("redis", 1);
        Authority.create(Files.createDirectory(folder.resolve("other")));
        tlsPort = RedisProcess.freePort();
        redis = RedisProcess.server("--tls-port", "" + tlsPort, "--tls-cert-file",
                authority.certificate("redis").toString(), "--tls-key-file", authority.key("redis").toString(),
                "--tls-ca-cert-file", folder.resolve("ca.pem").toString(), "--tls-auth-clients", "no", "--user",
                "reverb", "on", ">secret", "~*", "&*", "+@all");
    }

    @AfterAll
    static void stopRedis() {
        if (redis != null) {
            redis.close();
        }
    }

    private static ScalingConfig config(String cafile, boolean verifyPeer, String password) {
        return Configs.over(new RedisConfig(List.of("localhost:" + tlsPort), Topology.SINGLE, Optional.empty(),
                Optional.empty(), Optional.of("reverb"), Optional.of(password), 0, true,
                Optional.of(folder.resolve(cafile)), verifyPeer, Duration.ofSeconds(60)));
    }

    @Override
    protected Cluster start(ClusterEvents events, Balance balance) {
        return Configs.connected(config("ca.pem", true, "secret"), events, balance);
    }

    @Test
    void aCertificateOfAnotherAuthorityIsNotTrustedUnlessNobodyAsks() {
        assertFalse(reached(config("other/ca.pem", true, "secret"), Duration.ofSeconds(2)));
        assertTrue(reached(config("other/ca.pem", false, "secret"), Duration.ofSeconds(20)));
    }

    @Test
    void aWrongPasswordReachesNothing() {
        assertFalse(reached(config("ca.pem", true, "wrong"), Duration.ofSeconds(2)));
    }

    private static boolean reached(ScalingConfig config, Duration limit) {
        RedisCluster node = LinkFault.NONE.start(config, new RecordingEvents(), () -> 0, Balance.NONE);
        try {
            return Await.holds(limit, node::linkUp);
        } finally {
            node.close();
        }
    }
}
