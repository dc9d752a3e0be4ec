package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.operator.plan.Credentials;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The deletion of a ReverbApp ends, whatever its cluster is doing. */
@Tag("slow")
class DetachTest extends TwoNamespaces {
    private void attach(String namespace, String name, String more) {
        harness.applyYaml("""
            apiVersion: reverb.dev/v1
            kind: ReverbApp
            metadata: {name: %s, namespace: %s}
            spec: {clusterRef: {name: chat, namespace: %s}%s}
            """.formatted(name, namespace, harness.namespace, more));
    }

    private void awaitFinalizer(String name) {
        ApiServer.await("the finalizer",
                () -> harness.client.resources(ReverbApp.class)
                        .inNamespace(team)
                        .withName(name)
                        .require()
                        .getMetadata()
                        .getFinalizers()
                        .equals(List.of("reverb.dev/detach")));
    }

    private void assertGoes(String name) {
        Instant start = Instant.now();
        harness.client.resources(ReverbApp.class).inNamespace(team).withName(name).delete();
        ApiServer.await("the resource is gone",
                () -> harness.client.resources(ReverbApp.class).inNamespace(team).withName(name).get() == null);
        assertTrue(Duration.between(start, Instant.now()).toSeconds() < 60);
    }

    private String file() {
        return Credentials.value(
                harness.client.secrets().inNamespace(harness.namespace).withName("chat-config").require().getData(),
                "reverb.yaml").orElseThrow();
    }

    @Test
    void anAppThatLostItsIdCanGo() {
        harness.apply("chat", "{appNamespaces: ['*'], apps: [{id: '1', credentialsSecret: given}]}");
        attach(team, "shop", ", id: '1'");
        harness.awaitApp(team, "shop", "IdTaken");
        assertGoes("shop");
    }

    @Test
    void anAppOfAPausedClusterCanGoAndIsTakenOutWhenTheClusterActsAgain() {
        harness.apply("chat", "{appNamespaces: ['*']}");
        attach(team, "shop", "");
        harness.awaitApp(team, "shop", "Attached");
        awaitFinalizer("shop");
        harness.apply("chat", "{appNamespaces: ['*']}", "reverb.dev/paused: 'true'");
        harness.awaitCondition("chat", "Paused", "True", "Annotated");
        attach(team, "later", "");
        harness.awaitApp(team, "later", "ClusterPaused");
        assertGoes("later");
        assertGoes("shop");
        assertTrue(file().contains(team + ".shop"));
        harness.apply("chat", "{appNamespaces: ['*']}");
        ApiServer.await("the app is taken out", () -> !file().contains(team + ".shop"));
    }

    @Test
    void anAppOfARefusedClusterCanGo() {
        harness.apply("chat", "{appNamespaces: ['*']}");
        attach(team, "shop", "");
        harness.awaitApp(team, "shop", "Attached");
        harness.apply("chat", "{appNamespaces: ['*'], podTemplate: {spec: {containers: 5}}}");
        harness.awaitCondition("chat", "Degraded", "True", "InvalidSpec");
        assertGoes("shop");
    }

    @Test
    void anAppOfAClusterThatIsNotWatchedSaysSoAndCanGo() {
        harness.restart(Map.of("REVERB_OPERATOR_NAMESPACES", team));
        harness.apply("chat", "{appNamespaces: ['*']}");
        attach(team, "shop", "");
        harness.awaitApp(team, "shop", "ClusterMissing");
        assertGoes("shop");
    }

    @Test
    void anAppWhoseStatusIsWrittenAllTheTimeCanGo() throws InterruptedException {
        harness.apply("chat", "{appNamespaces: ['*']}");
        attach(team, "shop", "");
        harness.awaitApp(team, "shop", "Attached");
        awaitFinalizer("shop");
        AtomicBoolean stops = new AtomicBoolean();
        Thread writer = Thread.ofVirtual().start(() -> {
            for (int i = 0; !stops.get(); i++) {
                try {
                    harness.client.resources(ReverbApp.class)
                            .inNamespace(team)
                            .withName("shop")
                            .subresource("status")
                            .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"url\":\"" + i + "\"}}");
                } catch (KubernetesClientException _) {
                    return; // gone
                }
            }
        });
        try {
            harness.client.resources(ReverbCluster.class).inNamespace(harness.namespace).withName("chat").delete();
            assertGoes("shop");
        } finally {
            stops.set(true);
            writer.join();
        }
    }

    @Test
    void anAppOfAClusterThatAnotherOperatorActsOnCanGo() {
        harness.apply("chat", "{appNamespaces: ['*']}");
        attach(team, "shop", "");
        harness.awaitApp(team, "shop", "Attached");
        awaitFinalizer("shop");
        harness.restart(Map.of("REVERB_OPERATOR_NAMESPACES", harness.namespace + "," + team,
                "REVERB_OPERATOR_NAMESPACE", "elsewhere"));
        harness.client.resources(ReverbCluster.class)
                .inNamespace(harness.namespace)
                .withName("chat")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\":{\"operator\":{\"renewedAt\":\"2999-01-01T00:00:00Z\"}}}");
        assertGoes("shop");
        assertTrue(file().contains(team + ".shop"), "the operator that acts on the cluster takes it out");
    }

    @Test
    void anAppInTheClustersNamespaceNeedsNoFinalizerAndLeavesTheFile() {
        harness.apply("chat", "{}");
        attach(harness.namespace, "shop", "");
        ReverbApp app = harness.awaitApp(harness.namespace, "shop", "Attached");
        assertEquals(List.of(), app.getMetadata().getFinalizers());
        assertTrue(file().contains(harness.namespace + ".shop"));
        harness.client.resource(app).delete();
        ApiServer.await("the app is taken out", () -> !file().contains(harness.namespace + ".shop"));
    }

    @Test
    void anAppThatMovesToAnotherClusterLeavesTheFirst() {
        harness.apply("chat", "{appNamespaces: ['*']}");
        harness.apply("news", "{appNamespaces: ['*']}");
        attach(team, "shop", "");
        harness.awaitApp(team, "shop", "Attached");
        harness.applyYaml("""
            apiVersion: reverb.dev/v1
            kind: ReverbApp
            metadata: {name: shop, namespace: %s}
            spec: {clusterRef: {name: news, namespace: %s}}
            """.formatted(team, harness.namespace));
        ApiServer.await("the app is taken out", () -> !file().contains(team + ".shop"));
        try (Kubelet _ = new Kubelet(harness.namespace, "news").run()) {
            harness.awaitApp(team, "shop", "Attached");
        }
        assertFalse(file().contains(team + ".shop"));
    }
}
