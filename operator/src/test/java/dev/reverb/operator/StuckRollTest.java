package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rolls that fail: what is said of them, and how the fix gets out. */
class StuckRollTest {
    private static final String QUICK = "rollout: {settleTimeout: 0s, progressDeadline: 2s}";
    private Harness harness;
    private Kubelet kubelet;

    @BeforeEach
    void start() {
        harness = new Harness();
        kubelet = new Kubelet(harness.namespace, "chat");
        kubelet.failingImages.put("r:bad", "ImagePullBackOff");
        kubelet.missingPriorities.add("nope");
    }

    @AfterEach
    void stop() {
        kubelet.close();
        harness.close();
    }

    private void running(String spec) {
        harness.apply("chat", spec);
        kubelet.run();
        harness.awaitCondition("chat", "Progressing", "False", "Stable");
    }

    private List<String> images() {
        return kubelet.pods().stream().map(pod -> pod.getSpec().getContainers().getFirst().getImage()).toList();
    }

    @Test
    void aBadImageStopsAtTheFirstServerWithTheKubeletsWordsAndItsFixGetsOut() {
        running("{replicas: 3, image: 'r:1', " + QUICK + "}");
        harness.apply("chat", "{replicas: 3, image: 'r:bad', " + QUICK + "}");
        harness.awaitCondition("chat", "Degraded", "True", "RollStalled");
        // the deadline may pass before the kubelet has tried
        ApiServer.await("the kubelet's words in Degraded", () -> harness.condition("chat", "Degraded")
                .filter(found -> found.getMessage().contains("chat-2: ImagePullBackOff: Back-off pulling image r:bad"))
                .orElse(null));
        harness.awaitEvent("RollStalled");
        harness.awaitEvent("PodFailing");
        assertEquals(1, images().stream().filter("r:bad"::equals).count());
        harness.awaitCondition("chat", "Stalled", "True", "RollStalled");
        harness.apply("chat", "{replicas: 3, image: 'r:2', " + QUICK + "}");
        ApiServer.await("the fix is out", () -> images().equals(List.of("r:2", "r:2", "r:2")));
        harness.awaitCondition("chat", "Degraded", "False", "AsDesired");
    }

    @Test
    void aRevisionThatFailsIsTakenBackAndNotTriedAgainBeforeTheSpecChanges() {
        String revert = "replicas: 3, rollout: {settleTimeout: 0s, progressDeadline: 2s, onFailure: revert}";
        running("{image: 'r:1', " + revert + "}");
        List<String> others = List.of(uid(0), uid(1));
        harness.apply("chat", "{image: 'r:bad', " + revert + "}");
        assertTrue(harness.awaitEvent("RollReverted").getMessage().contains("ImagePullBackOff"));
        Condition degraded = harness.awaitCondition("chat", "Degraded", "True", "RollReverted");
        assertTrue(degraded.getMessage().contains("chat-2: ImagePullBackOff"), degraded.getMessage());
        ApiServer.await("the last good revision is back", () -> images().equals(List.of("r:1", "r:1", "r:1")));
        harness.awaitCondition("chat", "Ready", "False", "RollReverted");
        harness.awaitCondition("chat", "Stalled", "True", "RollReverted");
        harness.awaitCondition("chat", "Progressing", "False", "Stable");
        assertEquals(others, List.of(uid(0), uid(1)));

        long rolls = harness.events("RollStarted").size();
        harness.restart(Map.of());
        harness.apply("chat", "{image: 'r:bad', monitoring: {dashboard: true}, " + revert + "}");
        ApiServer.await("another part of the spec is in force",
                () -> harness.client.configMaps().inNamespace(harness.namespace).withName("chat-dashboard").get());
        harness.awaitCondition("chat", "Ready", "False", "RollReverted");
        assertEquals(List.of("r:1", "r:1", "r:1"), images());
        assertEquals(rolls, harness.events("RollStarted").size());

        harness.apply("chat", "{image: 'r:2', " + revert + "}");
        ApiServer.await("the fix is out", () -> images().equals(List.of("r:2", "r:2", "r:2")));
        harness.awaitCondition("chat", "Degraded", "False", "AsDesired");
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
    }

    @Test
    void aRevisionWhosePodsCannotBeCreatedIsTakenBackToo() {
        String revert = "replicas: 2, rollout: {settleTimeout: 0s, progressDeadline: 2s, onFailure: revert}";
        running("{image: 'r:1', " + revert + "}");
        harness.apply("chat", "{image: 'r:1', " + revert + ", podTemplate: {spec: {priorityClassName: nope}}}");
        harness.awaitEvent("RollReverted");
        ApiServer.await("both are back", () -> kubelet.pods().stream().filter(Kubelet::ready).count() == 2);
        harness.apply("chat", "{image: 'r:1', " + revert + "}");
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
    }

    @Test
    void aServerThatGetsReadyAndFailsOverAndOverStallsTheRoll() {
        kubelet.flappingImages.add("r:flaps");
        String watch = "replicas: 2, rollout: {settleTimeout: 0s, watchWindow: 30s, progressDeadline: 3s}";
        running("{image: 'r:1', " + watch + "}");
        harness.apply("chat", "{image: 'r:flaps', " + watch + "}");
        harness.awaitEvent("RollStalled");
        assertEquals(1, images().stream().filter("r:1"::equals).count());
    }

    private String uid(int ordinal) {
        return Objects.requireNonNull(kubelet.pod(ordinal)).getMetadata().getUid();
    }

    @Test
    void theFixGetsOutWhereTheControllerSparesWhatIsNotReady() {
        kubelet.sparesUnready = true;
        running("{replicas: 2, image: 'r:1', " + QUICK + "}");
        harness.apply("chat", "{replicas: 2, image: 'r:bad', " + QUICK + "}");
        harness.awaitEvent("PodFailing");
        harness.apply("chat", "{replicas: 2, image: 'r:2', " + QUICK + "}");
        ApiServer.await("the fix is out", () -> images().equals(List.of("r:2", "r:2")));
        harness.awaitEvent("PodReplaced");
    }

    @Test
    void serversThatCannotBeCreatedSayWhyAndTheirFixGetsOut() {
        harness.apply("chat", "{replicas: 2, " + QUICK + ", podTemplate: {spec: {priorityClassName: nope}}}");
        kubelet.run();
        Condition degraded = harness.awaitCondition("chat", "Degraded", "True", "CreateFailed");
        assertTrue(degraded.getMessage().contains("no PriorityClass with name nope was found"), degraded.getMessage());
        harness.apply("chat", "{replicas: 2, " + QUICK + "}");
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
        harness.awaitCondition("chat", "Degraded", "False", "AsDesired");
    }

    @Test
    void theCompanionOfASingleServerThatCannotBeCreatedSaysWhyAndTheFixGetsOut() {
        running("{replicas: 1, image: 'r:1', " + QUICK + "}");
        String only = uid(0);
        harness.apply("chat",
                "{replicas: 1, image: 'r:1', " + QUICK + ", podTemplate: {spec: {priorityClassName: nope}}}");
        ApiServer.await("the reason in Degraded",
                () -> harness.condition("chat", "Degraded")
                        .filter(found -> found.getMessage().contains("no PriorityClass with name nope was found"))
                        .orElse(null));
        assertEquals(only, uid(0));
        harness.apply("chat", "{replicas: 1, image: 'r:2', " + QUICK + "}");
        ApiServer.await("the fix is out", () -> images().equals(List.of("r:2")));
        harness.awaitCondition("chat", "Degraded", "False", "AsDesired");
    }

    @Test
    void aBadImageOfRedisIsNamedAndItsFixGetsOut() {
        try (Kubelet redis = Kubelet.redis(harness.namespace, "chat")) {
            redis.failingImages.put("redis:nope", "ErrImagePull");
            harness.apply("chat", "{redis: {managed: {image: 'redis:nope'}}}");
            redis.run();
            Condition degraded = harness.awaitCondition("chat", "Degraded", "True", "ErrImagePull");
            assertTrue(degraded.getMessage().startsWith("chat-redis-0: ErrImagePull"), degraded.getMessage());
            harness.apply("chat", "{redis: {managed: {image: 'redis:8.2'}}}");
            ApiServer.await("Redis is ready", () -> redis.pods().stream().anyMatch(Kubelet::ready));
            Pod pod = redis.pods().getFirst();
            assertEquals("redis:8.2", pod.getSpec().getContainers().getFirst().getImage());
            harness.awaitCondition("chat", "RedisReachable", "True", "RedisReady");
        }
    }

    @Test
    void aRedisThatFailsIsTakenBackAndNotTriedAgainBeforeItsSpecChanges() {
        // a minute of trouble, and not a deadline that a slow machine passes with what is good
        String rest = "replicas: 1, rollout: {settleTimeout: 0s, onFailure: revert}";
        try (Kubelet redis = Kubelet.redis(harness.namespace, "chat")) {
            redis.failingImages.put("redis:nope", "ErrImagePull");
            redis.run();
            running("{" + rest + ", redis: {managed: {image: 'redis:8.2'}}}");
            ApiServer.await("the template is known to be good",
                    () -> redis.servers().getMetadata().getAnnotations().containsKey("reverb.dev/good-template"));
            harness.apply("chat", "{" + rest + ", redis: {managed: {image: 'redis:nope'}}}");
            assertTrue(harness.awaitEvent("RollReverted").getMessage().contains("chat-redis-0: ErrImagePull"));
            ApiServer.await("the good image is back", () -> redis(redis).equals("redis:8.2"));
            assertTrue(harness.awaitCondition("chat", "Ready", "False", "RedisReverted")
                    .getMessage()
                    .contains("ErrImagePull"));
            harness.awaitCondition("chat", "Stalled", "True", "RedisReverted");
            harness.restart(Map.of());
            harness.apply("chat",
                    "{" + rest + ", monitoring: {dashboard: true}, redis: {managed: {image: 'redis:nope'}}}");
            ApiServer.await("another part of the spec is in force",
                    () -> harness.client.configMaps().inNamespace(harness.namespace).withName("chat-dashboard").get());
            assertEquals("redis:8.2", redis(redis));
            harness.apply("chat", "{" + rest + ", redis: {managed: {image: 'redis:9'}}}");
            ApiServer.await("the fix is out", () -> redis(redis).equals("redis:9"));
            harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
        }
    }

    /** The image of the one pod, when it is ready. */
    private static String redis(Kubelet redis) {
        return redis.pods()
                .stream()
                .filter(Kubelet::ready)
                .map(pod -> pod.getSpec().getContainers().getFirst().getImage())
                .findFirst()
                .orElse("");
    }
}
