package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.operator.plan.Credentials;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.WireClient;
import dev.reverb.testkit.redis.RedisProcess;
import dev.reverb.testkit.redis.Sentinels;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real servers that are started as the operator writes it serve with a real external Redis of each kind.
 */
class ExternalRedisTest {
    @TempDir
    Path folder = Path.of("");

    private Harness harness;
    private final List<AutoCloseable> running = new ArrayList<>();

    @BeforeEach
    void start() {
        harness = new Harness();
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
        for (AutoCloseable each : running.reversed()) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T run(T started) {
        running.add(started);
        return started;
    }

    private void give(String name, Map<String, String> values) {
        harness.client.resource(new SecretBuilder().withNewMetadata()
                .withName(name)
                .withNamespace(harness.namespace)
                .endMetadata()
                .withData(values.entrySet()
                        .stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, entry -> Credentials.encode(entry.getValue()))))
                .build()).fieldManager("user").forceConflicts().serverSideApply();
    }

    /** What is published at one of two servers arrives at a client of the other. */
    private void serves(String redis) throws IOException {
        harness.apply("chat", "{redis: {external: " + redis + "}}");
        harness.awaitCondition("chat", "RedisReachable", "True", "Answers");
        ServerOf one = run(new ServerOf(harness, "chat"));
        ServerOf other = run(new ServerOf(harness, "chat"));
        try (WireClient client = one.client()) {
            client.subscribe("news");
            Await.until(Await.PATIENCE, () -> one.log() + other.log(), () -> {
                other.api().publish("probe", "x", "news");
                return client.count() > 0;
            });
            other.api().publish("last", "text", "news");
            assertEquals("text", client.skipTo("last").data());
        }
        assertEquals("False", harness.condition("chat", "Degraded").orElseThrow().getStatus());
    }

    @Test
    void sentinelsWithAPasswordOfTheirOwn() throws IOException {
        Sentinels sentinels = run(Sentinels.start());
        sentinels.sentinels()
                .forEach(sentinel -> assertTrue(
                        sentinel.command("ACL", "SETUSER", "default", "resetpass", ">watch").contains("OK")));
        give("watchers", Map.of("password", "watch"));
        serves("{sentinel: {master: main, nodes: [" + nodes(sentinels.addresses())
                + "], passwordSecret: {name: watchers}}, prefix: mine}");
    }

    @Test
    void aClusterOfThreeWithAPassword() throws IOException {
        List<RedisProcess> nodes = new ArrayList<>();
        int[] bounds = {0, 5461, 10923, 16384};
        for (int i = 0; i < 3; i++) {
            RedisProcess node = run(
                    RedisProcess.server("--cluster-enabled", "yes", "--cluster-port", "" + RedisProcess.freePort()));
            node.command("CLUSTER", "ADDSLOTSRANGE", "" + bounds[i], "" + (bounds[i + 1] - 1));
            node.command("CLUSTER", "SET-CONFIG-EPOCH", "" + (i + 1));
            nodes.add(node);
        }
        for (RedisProcess node : nodes.subList(1, 3)) {
            String bus = nodes.getFirst().command("CLUSTER", "NODES").split("@", 2)[1].split("[, ]", 2)[0];
            nodes.getFirst().command("CLUSTER", "MYID");
            node.command("CLUSTER", "MEET", "127.0.0.1", "" + nodes.getFirst().port(), bus);
        }
        for (RedisProcess node : nodes) {
            Await.until(Await.PATIENCE, () -> node.command("CLUSTER", "INFO"),
                    () -> node.command("CLUSTER", "INFO").contains("cluster_state:ok")
                            && node.command("CLUSTER", "INFO").contains("cluster_known_nodes:3"));
        }
        nodes.forEach(node -> assertTrue(node.command("CONFIG", "SET", "requirepass", "open sesame").contains("OK")));
        give("theirs", Map.of("secret", "open sesame\n"));
        serves("{cluster: {nodes: [" + nodes(nodes.stream().map(RedisProcess::address).toList())
                + "]}, passwordSecret: {name: theirs, key: secret}}");
    }

    @Test
    void tlsWithAnAuthorityAndAUserOfItsOwn() throws IOException, InterruptedException {
        certificate("redis", 1);
        int port = RedisProcess.freePort();
        run(RedisProcess.server("--tls-port", "" + port, "--tls-cert-file", folder.resolve("redis.crt").toString(),
                "--tls-key-file", folder.resolve("redis.key").toString(), "--tls-ca-cert-file",
                folder.resolve("redis.crt").toString(), "--tls-auth-clients", "no", "--user", "reverb", "on", ">p@ss/",
                "~*", "&*", "+@all"));
        give("place", Map.of("url", "rediss://reverb:p%40ss%2F@localhost:" + port));
        give("authority", Map.of("ca.crt", Files.readString(folder.resolve("redis.crt"))));
        // a bare name means a Service of the namespace to the operator, which asks nobody here
        harness.apply("chat", "{redis: {external: {urlSecret: {name: place}, tls: {caSecret: {name: authority}}}}}");
        ServerOf one = run(new ServerOf(harness, "chat"));
        ServerOf other = run(new ServerOf(harness, "chat"));
        try (WireClient client = one.client()) {
            client.subscribe("news");
            Await.until(Await.PATIENCE, () -> one.log() + other.log(), () -> {
                other.api().publish("probe", "x", "news");
                return client.count() > 0;
            });
        }
    }

    /** A certificate for localhost that signs itself; as a Secret has it. */
    private Map<String, String> certificate(String name, int serial) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-keyout", name + ".key", "-out", name + ".crt", "-days", "30",
                "-set_serial", "" + serial, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        Map<String, String> files = new HashMap<>();
        files.put("tls.crt", Files.readString(folder.resolve(name + ".crt")));
        files.put("tls.key", Files.readString(folder.resolve(name + ".key")));
        return files;
    }

    private static String nodes(List<String> addresses) {
        return addresses.stream().map(address -> "'" + address + "'").collect(Collectors.joining(", "));
    }
}
