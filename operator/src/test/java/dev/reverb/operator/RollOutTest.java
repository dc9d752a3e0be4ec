package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RollOutTest {
    private static final String QUICK = "rollout: {settleTimeout: 1s}";
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

    private void running(String spec) {
        harness.apply("chat", spec);
        kubelet.run();
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
        harness.awaitCondition("chat", "Progressing", "False", "Stable");
        kubelet.count();
    }

    private List<String> images() {
        return kubelet.pods()
                .stream()
                .map(pod -> pod.getSpec().getContainers().getFirst().getImage())
                .distinct()
                .toList();
    }

    private void awaitImage(String image) {
        ApiServer.await("every server runs " + image, () -> images().equals(List.of(image)));
        harness.awaitCondition("chat", "Progressing", "False", "Stable");
    }

    @Test
    void aNewImageReplacesServersOneByOneAndSaysWhy() {
        running("{replicas: 3, image: 'r:1', " + QUICK + "}");
        harness.apply("chat", "{replicas: 3, image: 'r:2', " + QUICK + "}");
        awaitImage("r:2");
        assertTrue(kubelet.leastReady() >= 2, () -> "only " + kubelet.leastReady() + " were ready");
        assertEquals(3, kubelet.mostPods());
        assertEquals("servers will be replaced one by one: the image changed",
                harness.awaitEvent("RollStarted").getMessage());
        assertEquals(
                Stream.of(0, 1, 2)
                        .map(ordinal -> "replacing server " + ordinal + " because the image changed")
                        .toList(),
                harness.events("ServerReplaced").stream().map(event -> event.getMessage()).sorted().toList());
        harness.awaitEvent("RollFinished");
    }

    @Test
    void oneServerGetsACompanionFirst() {
        running("{replicas: 1, image: 'r:1', " + QUICK + "}");
        harness.apply("chat", "{replicas: 1, image: 'r:2', " + QUICK + "}");
        harness.awaitEvent("Surged");
        ApiServer.await("one new server is left", () -> kubelet.pods().size() == 1 && images().equals(List.of("r:2")));
        harness.awaitCondition("chat", "Progressing", "False", "Stable");
        assertEquals(2, kubelet.mostPods());
        assertTrue(kubelet.leastReady() >= 1, () -> "only " + kubelet.leastReady() + " were ready");
    }

    @Test
    void aRollGoesOnAfterTheOperatorWasKilled() {
        running("{replicas: 3, image: 'r:1', " + QUICK + "}");
        harness.apply("chat", "{replicas: 3, image: 'r:2', " + QUICK + "}");
        harness.awaitEvent("ServerReplaced");
        harness.restart(Map.of());
        awaitImage("r:2");
        assertTrue(kubelet.leastReady() >= 2, () -> "only " + kubelet.leastReady() + " were ready");
    }

    @Test
    void serversGoOneAtATime() {
        running("{replicas: 4, " + QUICK + "}");
        harness.apply("chat", "{replicas: 1, " + QUICK + "}");
        ApiServer.await("one server is left", () -> kubelet.pods().size() == 1);
        assertEquals(
                List.of("from 2 to 1 servers; the last one drains", "from 3 to 2 servers; the last one drains",
                        "from 4 to 3 servers; the last one drains"),
                harness.events("ScaledDown").stream().map(event -> event.getMessage()).sorted().toList());
    }

    @Test
    void anAppThatIsAddedReloadsInPlaceAndTouchesEveryPod() {
        running("{apps: [{id: shop}], " + QUICK + "}");
        List<String> before = kubelet.pods().stream().map(pod -> pod.getMetadata().getUid()).sorted().toList();
        Map<String, String> touched = annotations();
        harness.apply("chat", "{apps: [{id: shop}, {id: admin}], " + QUICK + "}");
        ApiServer.await("every pod is touched",
                () -> annotations().values().stream().noneMatch(touched::containsValue));
        assertEquals(before, kubelet.pods().stream().map(pod -> pod.getMetadata().getUid()).sorted().toList());
        assertEquals("apps reload in place, without a restart: added admin",
                harness.awaitEvent("AppsReloaded").getMessage());
        assertTrue(harness.events("RollStarted").isEmpty());
    }

    private Map<String, String> annotations() {
        return kubelet.pods()
                .stream()
                .collect(Collectors.toMap(pod -> pod.getMetadata().getName(),
                        pod -> pod.getMetadata().getAnnotations().getOrDefault("reverb.dev/config", "")));
    }

    @Test
    void aRestartThatSomebodyAskedForIsPacedToo() {
        running("{replicas: 2, " + QUICK + "}");
        harness.client.apps().statefulSets().inNamespace(harness.namespace).withName("chat").rolling().restart();
        harness.awaitEvent("RollFinished");
        assertEquals("servers will be replaced one by one: somebody asked for a restart",
                harness.awaitEvent("RollStarted").getMessage());
        assertTrue(kubelet.leastReady() >= 1, () -> "only " + kubelet.leastReady() + " were ready");
        for (Pod pod : kubelet.pods()) {
            assertTrue(Kubelet.ready(pod));
        }
    }

    @Test
    void anotherOperatorHoldsItsRollsWhenItIsTold() {
        running("{replicas: 2, " + QUICK + "}");
        harness.restart(Map.of("REVERB_OPERATOR_SERVER_IMAGE", "r:2", "REVERB_OPERATOR_UPGRADE_ROLLS", "held"));
        harness.awaitEvent("RollHeld");
        harness.awaitCondition("chat", "Progressing", "False", "RollHeld");
        assertEquals(List.of("reverb/server:0.1.0"), images());
        harness.apply("chat", "{replicas: 2, " + QUICK + "}", "reverb.dev/upgrade: allowed");
        awaitImage("r:2");
    }

    @Test
    void anotherOperatorRollsOneClusterAfterTheOther() {
        running("{replicas: 2, " + QUICK + "}");
        harness.apply("news", "{replicas: 2, " + QUICK + "}");
        try (Kubelet other = new Kubelet(harness.namespace, "news").run()) {
            harness.awaitCondition("news", "Progressing", "False", "Stable");
            harness.restart(Map.of("REVERB_OPERATOR_SERVER_IMAGE", "r:2", "REVERB_OPERATOR_UPGRADE_PAUSE", "1s"));
            harness.awaitEvent("UpgradeWaiting");
            ApiServer.await("both run r:2", () -> Stream.concat(kubelet.pods().stream(), other.pods().stream())
                    .allMatch(pod -> pod.getSpec().getContainers().getFirst().getImage().equals("r:2")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"deleted", "paused", "held"})
    void theNextClusterIsUpgradedWhateverBecomesOfTheOneThatRolls(String what) {
        running("{replicas: 2, " + QUICK + "}");
        harness.apply("news", "{replicas: 2, " + QUICK + "}");
        Kubelet other = new Kubelet(harness.namespace, "news").run();
        harness.awaitCondition("news", "Progressing", "False", "Stable");
        // from here on no server comes or goes, so that the first roll does not end
        kubelet.close();
        other.close();
        harness.restart(Map.of("REVERB_OPERATOR_SERVER_IMAGE", "r:2", "REVERB_OPERATOR_UPGRADE_PAUSE", "1s"));
        kubelet.pass();
        other.pass();
        String waiting = harness.awaitEvent("UpgradeWaiting").getInvolvedObject().getName();
        String rolling = waiting.equals("chat") ? "news" : "chat";
        switch (what) {
            case "deleted" -> harness.client.resource(harness.cluster(rolling)).delete();
            case "paused" -> harness.apply(rolling, "{replicas: 2, " + QUICK + "}", "reverb.dev/paused: 'true'");
            default -> harness.apply(rolling, "{replicas: 2, " + QUICK + "}", "reverb.dev/upgrade: hold");
        }
        try (Kubelet next = (waiting.equals("chat") ? kubelet : other).run()) {
            ApiServer.await("the waiting cluster runs r:2",
                    () -> next.pods().size() == 2 && next.pods()
                            .stream()
                            .allMatch(pod -> pod.getSpec().getContainers().getFirst().getImage().equals("r:2")));
        }
    }

    @Test
    void anotherOperatorHoldsItsRedisAndSpacesItOtherwise() {
        running("{" + QUICK + "}");
        harness.apply("other", "{" + QUICK + "}");
        ApiServer.await("both have a Redis",
                () -> redisImage("chat").equals("redis:8.2") && redisImage("other").equals("redis:8.2"));
        harness.restart(Map.of("REVERB_OPERATOR_REDIS_IMAGE", "redis:9", "REVERB_OPERATOR_UPGRADE_ROLLS", "held"));
        harness.awaitEvent("RollHeld");
        harness.apply("chat", "{replicas: 3, " + QUICK + "}");
        ApiServer.await("three servers", () -> kubelet.pods().size() == 3);
        assertEquals("redis:8.2", redisImage("chat"));
        assertEquals("redis:8.2", redisImage("other"));
        harness.restart(Map.of("REVERB_OPERATOR_REDIS_IMAGE", "redis:9", "REVERB_OPERATOR_UPGRADE_PAUSE", "2s"));
        ApiServer.await("both are upgraded",
                () -> redisImage("chat").equals("redis:9") && redisImage("other").equals("redis:9"));
        assertEquals(2,
                harness.events("RedisReplaced")
                        .stream()
                        .filter(event -> event.getMessage().endsWith("the operator is another one"))
                        .count());
    }

    private String redisImage(String cluster) {
        var set = harness.client.apps()
                .statefulSets()
                .inNamespace(harness.namespace)
                .withName(cluster + "-redis")
                .get();
        return set == null ? "" : set.getSpec().getTemplate().getSpec().getContainers().getFirst().getImage();
    }
}
