package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.ReverbCluster;
import dev.reverb.operator.plan.Credentials;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Changes in the middle of other changes: the last spec is in force in the end, and no more servers are away. */
@Tag("slow")
class MidRollTest {
    private static final String QUICK = ", rollout: {settleTimeout: 1s}";
    private Harness harness;
    private Kubelet kubelet;

    @BeforeEach
    void start() {
        harness = new Harness();
        kubelet = new Kubelet(harness.namespace, "chat").run();
    }

    @AfterEach
    void stop() {
        kubelet.close();
        harness.close();
    }

    private void apply(String spec) {
        harness.apply("chat", "{" + spec + (spec.contains("rollout:") ? "" : QUICK) + "}");
    }

    private void settled(String version, int servers) {
        ApiServer.await(servers + " of " + version, () -> {
            ReverbCluster chat = harness.cluster("chat");
            return chat.getStatus() != null && version.equals(chat.getStatus().version())
                    && Integer.valueOf(servers).equals(chat.getStatus().readyReplicas())
                    && harness.condition("chat", "Progressing")
                            .filter(found -> found.getStatus().equals("False")
                                    && found.getObservedGeneration().equals(chat.getMetadata().getGeneration()))
                            .isPresent();
        });
        assertEquals(servers, kubelet.pods().size());
    }

    private void begun(String image) {
        ApiServer.await("a server of " + image,
                () -> kubelet.pods().stream().anyMatch(pod -> image.equals(image(pod))));
    }

    private static String image(Pod pod) {
        return pod.getSpec().getContainers().getFirst().getImage();
    }

    @Test
    void aThirdImageTheFirstAgainAndOtherNumbersInTheMiddle() {
        apply("image: 'r:1', replicas: 3");
        settled("1", 3);
        kubelet.count();
        apply("image: 'r:2', replicas: 3");
        begun("r:2");
        apply("image: 'r:3', replicas: 3");
        begun("r:3");
        apply("image: 'r:1', replicas: 3");
        settled("1", 3);
        assertTrue(kubelet.leastReady() >= 2, () -> "only " + kubelet.leastReady() + " were ready");
        kubelet.count();
        apply("image: 'r:4', replicas: 5");
        begun("r:4");
        apply("image: 'r:4', replicas: 2");
        settled("4", 2);
        assertTrue(kubelet.leastReady() >= 1, () -> "only " + kubelet.leastReady() + " were ready");
        apply("image: 'r:5', replicas: 2");
        begun("r:5");
        apply("image: 'r:5', replicas: 0");
        ApiServer.await("none is left", () -> kubelet.pods().isEmpty());
        apply("image: 'r:6', replicas: 2");
        settled("6", 2);
    }

    @Test
    void surgeAndScalingAreSwitchedInTheMiddle() {
        apply("image: 'r:1', replicas: 2, rollout: {settleTimeout: 1s, surge: true}");
        settled("1", 2);
        kubelet.count();
        apply("image: 'r:2', replicas: 2, rollout: {settleTimeout: 1s, surge: true}");
        ApiServer.await("the companion", () -> kubelet.pods().size() == 3);
        apply("image: 'r:2', replicas: 2, rollout: {settleTimeout: 1s, surge: false}");
        settled("2", 2);
        apply("image: 'r:3', replicas: 2");
        begun("r:3");
        apply("image: 'r:3', autoscaling: {provider: builtin, minReplicas: 3, maxReplicas: 5, targetConnections: 100}");
        settled("3", 3);
        apply("image: 'r:4', autoscaling: {minReplicas: 2, maxReplicas: 5, targetConnections: 100}");
        begun("r:4");
        apply("image: 'r:4', replicas: 2");
        settled("4", 2);
        assertTrue(kubelet.leastReady() >= 1, () -> "only " + kubelet.leastReady() + " were ready");
    }

    @Test
    void aClusterThatIsDeletedInTheMiddleAndMadeAgainBeginsAnew() {
        apply("image: 'r:1', replicas: 3");
        settled("1", 3);
        apply("image: 'r:2', replicas: 3");
        begun("r:2");
        String key = secret();
        harness.client.resources(ReverbCluster.class).inNamespace(harness.namespace).withName("chat").delete();
        ApiServer.await("it is gone",
                () -> harness.client.resources(ReverbCluster.class)
                        .inNamespace(harness.namespace)
                        .withName("chat")
                        .get() == null);
        // what a garbage collector does
        Owned.all(harness.client, harness.namespace)
                .stream()
                .filter(object -> !object.getMetadata().getOwnerReferences().isEmpty())
                .forEach(object -> harness.client.resource(object).withGracePeriod(0).delete());
        kubelet.pods().forEach(kubelet::delete);
        apply("image: 'r:3', replicas: 2");
        settled("3", 2);
        assertEquals(key, secret());
        assertTrue(kubelet.pods().stream().allMatch(pod -> "r:3".equals(image(pod))));
    }

    private String secret() {
        return String.valueOf(harness.client.secrets()
                .inNamespace(harness.namespace)
                .withName("chat-app")
                .require()
                .getData()
                .get("REVERB_APP_KEY"));
    }

    @Test
    void redisGoesOutAndInAndTlsOnAndOffWithoutClients() {
        harness.client.resource(new SecretBuilder().withNewMetadata()
                .withName("place")
                .withNamespace(harness.namespace)
                .endMetadata()
                .addToData("url", Credentials.encode("redis://r.example.com"))
                .addToData("tls.crt", Credentials.encode("c"))
                .addToData("tls.key", Credentials.encode("k"))
                .build()).create();
        apply("image: 'r:1', replicas: 2");
        settled("1", 2);
        String outside = ", redis: {external: {urlSecret: {name: place}}}";
        apply("image: 'r:2', replicas: 2" + outside);
        begun("r:2");
        apply("image: 'r:3', replicas: 2");
        begun("r:3");
        apply("image: 'r:4', replicas: 2, tls: {secretName: place}" + outside);
        settled("4", 2);
        ApiServer.await("the managed Redis is gone",
                () -> harness.client.apps()
                        .statefulSets()
                        .inNamespace(harness.namespace)
                        .withName("chat-redis")
                        .get() == null);
        apply("image: 'r:5', replicas: 2, tls: {secretName: place}");
        begun("r:5");
        apply("image: 'r:6', replicas: 2");
        settled("6", 2);
        ApiServer.await("the managed Redis is back",
                () -> harness.client.apps()
                        .statefulSets()
                        .inNamespace(harness.namespace)
                        .withName("chat-redis")
                        .get() != null);
        assertEquals(Map.of("Degraded", "False", "Ready", "True"),
                Map.of("Degraded", harness.condition("chat", "Degraded").orElseThrow().getStatus(), "Ready",
                        harness.condition("chat", "Ready").orElseThrow().getStatus()));
    }
}
