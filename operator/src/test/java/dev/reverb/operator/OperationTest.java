package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.reverb.operator.plan.Credentials;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OperationTest {
    private Harness harness;
    private Kubelet kubelet;

    @BeforeEach
    void start() {
        harness = new Harness();
        kubelet = new Kubelet(harness.namespace, "chat");
    }

    @AfterEach
    void stop() {
        kubelet.close();
        harness.close();
    }

    private Pod pod(String node) {
        return pod(kubelet, node);
    }

    private Pod pod(Kubelet kubelet, String node) {
        Pod pod = ApiServer.await("a pod", () -> kubelet.pod(0));
        Pod bound = new PodBuilder(pod).editMetadata()
                .withResourceVersion(null)
                .withUid(null)
                .withCreationTimestamp(null)
                .endMetadata()
                .editSpec()
                .withNodeName(node)
                .endSpec()
                .withStatus(null)
                .build();
        kubelet.delete(pod);
        return harness.client.resource(bound).create();
    }

    @Test
    void aDrainsEndIsToldFromTheServersLastLine() {
        harness.apply("chat", "{}");
        kubelet.pass();
        Pod pod = pod("node-of-" + harness.namespace);
        harness.client.resource(pod)
                .editStatus(p -> new PodBuilder(p).editOrNewStatus()
                        .addNewContainerStatus()
                        .withName("server")
                        .withImage("i")
                        .withImageID("i")
                        .withReady(false)
                        .withRestartCount(0)
                        .withNewState()
                        .withNewTerminated()
                        .withExitCode(0)
                        .withMessage("{\"drained\":300,\"cut\":0,\"seconds\":3.0}")
                        .endTerminated()
                        .endState()
                        .endContainerStatus()
                        .endStatus()
                        .build());
        harness.client.resource(pod).withGracePeriod(30).delete();
        assertEquals("chat-0 drained 300 connections in 3.0 s, 0 of them cut at the deadline",
                harness.awaitEvent("Drained").getMessage());
    }

    @Test
    void aServerOnADeadNodeIsForceDeletedSoThatItStartsElsewhere() {
        String node = node();
        harness.apply("chat", "{}");
        kubelet.pass();
        Pod pod = pod(node);
        dies(node);
        ApiServer.await("the pod is gone", () -> harness.client.resource(pod).get() == null);
        assertTrue(harness.awaitEvent("ServerForceDeleted").getMessage().contains(node));
    }

    private String node() {
        String node = "node-of-" + harness.namespace;
        harness.client.nodes()
                .resource(new NodeBuilder().withNewMetadata().withName(node).endMetadata().build())
                .create();
        return node;
    }

    private void dies(String node) {
        harness.client.nodes()
                .withName(node)
                .editStatus(n -> new NodeBuilder(n).editOrNewStatus()
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus("Unknown")
                        .withLastTransitionTime(
                                Instant.now().minusSeconds(180).truncatedTo(ChronoUnit.SECONDS).toString())
                        .endCondition()
                        .endStatus()
                        .build());
    }

    @Test
    void aRedisInMemoryOnADeadNodeStartsElsewhereToo() {
        String node = node();
        try (Kubelet redis = Kubelet.redis(harness.namespace, "chat")) {
            harness.apply("chat", "{}");
            redis.pass();
            Pod pod = pod(redis, node);
            dies(node);
            ApiServer.await("the pod is gone", () -> harness.client.resource(pod).get() == null);
            assertTrue(harness.awaitEvent("RedisForceDeleted").getMessage().contains(node));
        }
    }

    @Test
    void aRedisWithAVolumeStaysUntilItsDeadNodeIsGone() {
        String node = node();
        try (Kubelet redis = Kubelet.redis(harness.namespace, "chat")) {
            harness.apply("chat", "{redis: {managed: {storage: {className: some}}}}");
            redis.pass();
            Pod pod = pod(redis, node);
            dies(node);
            String message = harness.awaitCondition("chat", "Degraded", "True", "RedisOnDeadNode").getMessage();
            assertTrue(message.contains("chat-redis-0") && message.contains(node), message);
            assertTrue(harness.client.resource(pod).get() != null && harness.events("RedisForceDeleted").isEmpty());
            harness.client.nodes().withName(node).delete();
            ApiServer.await("the pod is gone", () -> harness.client.resource(pod).get() == null);
            harness.awaitEvent("RedisForceDeleted");
        }
    }

    @Test
    void theBuiltInAutoscalerFollowsWhatTheServersSay() {
        kubelet.played.connections = 100;
        harness.apply("chat", "{rollout: {settleTimeout: 1s}, autoscaling: {provider: builtin, minReplicas: 2,"
                + " maxReplicas: 4, targetConnections: 100, scaleDownWindow: 2s}}");
        kubelet.run();
        harness.awaitCondition("chat", "Progressing", "False", "Stable");
        ApiServer.await("the connections are counted", () -> harness.cluster("chat").getStatus() != null
                && Long.valueOf(200).equals(harness.cluster("chat").getStatus().connections()));
        kubelet.played.connections = 190;
        ApiServer.await("four servers", () -> kubelet.pods().size() == 4);
        kubelet.played.connections = 10;
        ApiServer.await("two servers", () -> kubelet.pods().size() == 2);
        // nobody but the user writes the spec
        assertEquals(2, harness.cluster("chat").getSpec().replicas());
        assertEquals(2, harness.events("ScaledDown").size());
    }

    @Test
    void serversThatRefuseTheirSettingsDegradeTheCluster() {
        kubelet.played.stale.put(1, "apps (reverb.yaml:3): a list of applications is expected");
        harness.apply("chat", "{replicas: 2, rollout: {settleTimeout: 1s}}");
        kubelet.run();
        String message = harness.awaitCondition("chat", "Degraded", "True", "SettingsRefused").getMessage();
        assertTrue(message.startsWith("chat-1 refuses the last change") && message.contains("reverb.yaml:3"), message);
        kubelet.played.stale.clear();
        harness.awaitCondition("chat", "Degraded", "False", "AsDesired");
    }

    @Test
    void anExternalRedisThatDoesNotAnswerIsAConditionAndItsReturnToo() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        harness.client.secrets()
                .resource(new SecretBuilder().withNewMetadata()
                        .withName("redis")
                        .withNamespace(harness.namespace)
                        .endMetadata()
                        .addToData("url", Credentials.encode("redis://127.0.0.1:" + port))
                        .build())
                .create();
        harness.apply("chat", "{redis: {external: {urlSecret: {name: redis}}}}");
        harness.awaitCondition("chat", "RedisReachable", "False", "Unreachable");
        try (ServerSocket _ = new ServerSocket(port, 8, InetAddress.getLoopbackAddress())) {
            harness.awaitCondition("chat", "RedisReachable", "True", "Answers");
        }
    }
}
