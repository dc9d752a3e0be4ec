package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.operator.plan.Credentials;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReconcileTest {
    private static final String WHOLE = """
        {replicas: 2, apps: [{id: shop, allowedOrigins: [a.b], maxConnections: 5}, {id: admin}],
         ingress: {className: nginx, host: ws.example.com, tls: {secretName: t}},
         autoscaling: {minReplicas: 2, maxReplicas: 5, targetConnections: 100, targetCPU: 80},
         monitoring: {dashboard: true}, redis: {managed: {storage: {size: 1024Mi, className: fast},
         resources: {requests: {cpu: 1000m, memory: 1024Mi}}}},
         podTemplate: {metadata: {annotations: {a: b}}, spec: {tolerations: [{key: x, operator: Exists}],
         containers: [{name: server, resources: {requests: {cpu: 1000m}}}]}}}""";
    private Harness harness;

    @BeforeEach
    void start() {
        harness = new Harness();
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    private double reconciles() {
        return reconciles("reverbcluster");
    }

    private double reconciles(String controller) {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http
                    .send(HttpRequest
                            .newBuilder(URI.create("http://127.0.0.1:"
                                    + harness.operator().managementAddress().getPort() + "/metrics"))
                            .build(), HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> line
                            .startsWith("reverb_operator_reconciles_total{controller=\"" + controller + "\"}"))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf('}') + 1)))
                    .sum();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void awaitReconciles(int more) {
        double before = reconciles();
        ApiServer.await(more + " more reconciles", () -> reconciles() >= before + more);
    }

    @Test
    void reconcilingAgainChangesNoResourceVersion() {
        harness.apply("chat", WHOLE);
        try (Kubelet _ = new Kubelet(harness.namespace, "chat").run()) {
            harness.awaitCondition("chat", "Progressing", "False", "Stable");
        }
        awaitReconciles(2);
        Map<String, String> before = Owned.versions(harness.client, harness.namespace);
        String cluster = harness.cluster("chat").getMetadata().getResourceVersion();
        assertTrue(before.size() >= 15, () -> before.keySet().toString());
        awaitReconciles(3);
        assertEquals(before, Owned.versions(harness.client, harness.namespace));
        // another process remembers nothing of what was applied
        harness.restart(Map.of());
        awaitReconciles(3);
        assertEquals(before, Owned.versions(harness.client, harness.namespace));
        assertEquals(cluster, harness.cluster("chat").getMetadata().getResourceVersion());
    }

    private Secret secret(String name) {
        return ApiServer.await("the Secret " + name,
                () -> harness.client.secrets().inNamespace(harness.namespace).withName(name).get());
    }

    private String file() {
        return Credentials.value(secret("chat-config").getData(), "reverb.yaml").orElseThrow();
    }

    @Test
    void aRotatedSecretIsServedAndNeverOverwritten() {
        harness.apply("chat", "{}");
        ApiServer.await("the app is served", () -> file().contains("app_id"));
        harness.client.secrets()
                .inNamespace(harness.namespace)
                .withName("chat-app")
                .edit(secret -> new SecretBuilder(secret).addToData("REVERB_APP_SECRET", Credentials.encode("rotated"))
                        .addToData("REVERB_APP_PREVIOUS_SECRETS", Credentials.encode("before"))
                        .build());
        ApiServer.await("the new secret is served", () -> file().contains("\"rotated\""));
        assertTrue(file().contains("previous_secrets"), file());
        harness.apply("chat", "{ingress: {host: ws.example.com}}");
        ApiServer.await("the address follows",
                () -> Credentials.value(secret("chat-app").getData(), "REVERB_HOST")
                        .orElse("")
                        .equals("ws.example.com"));
        assertEquals("rotated", Credentials.value(secret("chat-app").getData(), "REVERB_APP_SECRET").orElseThrow());
    }

    @Test
    void aGivenSecretIsReadUnderEitherNameAndNotTouched() {
        Secret given = harness.client.secrets()
                .resource(new SecretBuilder().withNewMetadata()
                        .withName("given")
                        .withNamespace(harness.namespace)
                        .endMetadata()
                        .addToData("key", Credentials.encode("k1"))
                        .addToData("secret", Credentials.encode("s1\n"))
                        .build())
                .create();
        harness.apply("chat", "{apps: [{id: Shop.1, credentialsSecret: given}]}");
        ApiServer.await("the app is served", () -> file().contains("secret: \"s1\""));
        assertEquals(given.getMetadata().getResourceVersion(), secret("given").getMetadata().getResourceVersion());
    }

    @Test
    void aMissingSecretIsNamedAndTearsNothingDown() {
        harness.apply("chat", "{apps: [{id: a}]}");
        ApiServer.await("the app is served", () -> file().contains("app_id: \"a\""));
        String key = Credentials.value(secret("chat-a").getData(), "REVERB_APP_KEY").orElseThrow();
        harness.apply("chat", "{apps: [{id: a, credentialsSecret: nowhere}]}");
        assertEquals("spec.apps[0].credentialsSecret: there is no Secret nowhere in " + harness.namespace,
                harness.awaitCondition("chat", "Degraded", "True", "AppSecretMissing").getMessage());
        assertTrue(file().contains(key), file());
        harness.awaitEvent("Refused");
        harness.client.secrets()
                .resource(new SecretBuilder().withNewMetadata()
                        .withName("nowhere")
                        .withNamespace(harness.namespace)
                        .endMetadata()
                        .addToData("REVERB_APP_KEY", Credentials.encode("k2"))
                        .addToData("REVERB_APP_SECRET", Credentials.encode("s2"))
                        .build())
                .create();
        harness.awaitCondition("chat", "Degraded", "False", "AsDesired");
        assertTrue(file().contains("\"k2\""), file());
    }

    @Test
    void aMissingRedisSecretLeavesServersAndRedisAsTheyAre() {
        harness.apply("chat", "{}");
        new Kubelet(harness.namespace, "chat").servers();
        Map<String, String> before = Owned.versions(harness.client, harness.namespace);
        harness.apply("chat", "{redis: {external: {urlSecret: {name: nowhere}}}}");
        assertEquals("spec.redis.external.urlSecret: there is no Secret nowhere in " + harness.namespace,
                harness.awaitCondition("chat", "Degraded", "True", "RedisSecretMissing").getMessage());
        awaitReconciles(2);
        Map<String, String> after = Owned.versions(harness.client, harness.namespace);
        assertEquals(before.get("StatefulSet/chat"), after.get("StatefulSet/chat"));
        assertEquals(before.get("StatefulSet/chat-redis"), after.get("StatefulSet/chat-redis"));
    }

    @Test
    void aMissingCertificateIsNamedUntilItIsThere() {
        harness.apply("chat", "{tls: {secretName: cert}}");
        assertEquals("spec.tls: there is no Secret cert in " + harness.namespace + "; servers that start wait for it",
                harness.awaitCondition("chat", "Degraded", "True", "TlsSecretMissing").getMessage());
        harness.client.resource(new SecretBuilder().withNewMetadata()
                .withName("cert")
                .withNamespace(harness.namespace)
                .endMetadata()
                .addToData("tls.crt", Credentials.encode("c"))
                .addToData("tls.key", Credentials.encode("k"))
                .build()).create();
        harness.awaitCondition("chat", "Degraded", "False", "AsDesired");
    }

    @Test
    void aPausedClusterIsLeftAloneUntilItIsNot() {
        harness.apply("chat", "{replicas: 2}");
        new Kubelet(harness.namespace, "chat").servers();
        harness.apply("chat", "{replicas: 2}", "reverb.dev/paused: 'true'");
        harness.awaitCondition("chat", "Paused", "True", "Annotated");
        harness.apply("chat", "{replicas: 2, ingress: {host: a.b}}", "reverb.dev/paused: 'true'");
        awaitReconciles(2);
        assertNull(harness.client.network().v1().ingresses().inNamespace(harness.namespace).withName("chat").get());
        harness.apply("chat", "{replicas: 2, ingress: {host: a.b}}");
        ApiServer.await("the Ingress exists",
                () -> harness.client.network()
                        .v1()
                        .ingresses()
                        .inNamespace(harness.namespace)
                        .withName("chat")
                        .get() != null);
        harness.awaitEvent("Paused");
        harness.awaitEvent("Resumed");
    }

    @Test
    void aPodTemplateThatTheApiServerRefusesIsToldAndNothingIsTornDown() {
        harness.apply("chat", "{}");
        new Kubelet(harness.namespace, "chat").servers();
        harness.apply("chat", "{podTemplate: {spec: {containers: [{name: server, imagge: x}]}}}");
        String message = harness.awaitCondition("chat", "Degraded", "True", "ApiServerRefused").getMessage();
        assertTrue(message.startsWith("spec.podTemplate: ") && message.contains("imagge"), message);
        assertEquals(2, new Kubelet(harness.namespace, "chat").servers().getSpec().getReplicas());
        assertThrows(KubernetesClientException.class, () -> harness.apply("chat", "{podTemplate: 5}"));
        harness.apply("chat", "{podTemplate: {spec: {containers: 5}}}");
        String wrong = harness.awaitCondition("chat", "Degraded", "True", "InvalidSpec").getMessage();
        assertTrue(wrong.startsWith("spec.podTemplate"), wrong);
        harness.apply("chat", "{}");
        harness.awaitCondition("chat", "Degraded", "False", "AsDesired");
    }

    @Test
    void somebodyElsesServiceIsNeverTouched() {
        Service other = harness.client.services()
                .resource(new ServiceBuilder().withNewMetadata()
                        .withName("chat")
                        .withNamespace(harness.namespace)
                        .endMetadata()
                        .withNewSpec()
                        .addNewPort()
                        .withPort(80)
                        .endPort()
                        .endSpec()
                        .build())
                .create();
        harness.apply("chat", "{}");
        String message = harness.awaitCondition("chat", "Degraded", "True", "NameCollision").getMessage();
        assertTrue(message.contains("a Service chat exists that this cluster did not make"), message);
        assertEquals(other.getMetadata().getResourceVersion(),
                harness.client.services()
                        .inNamespace(harness.namespace)
                        .withName("chat")
                        .require()
                        .getMetadata()
                        .getResourceVersion());
    }

    @Test
    void somebodyElsesSecretIsNeitherReadNorTouched() {
        Secret other = harness.client.secrets()
                .resource(new SecretBuilder().withNewMetadata()
                        .withName("chat-app")
                        .withNamespace(harness.namespace)
                        .endMetadata()
                        .addToData("REVERB_APP_KEY", Credentials.encode("theirs"))
                        .build())
                .create();
        harness.apply("chat", "{}");
        String message = harness.awaitCondition("chat", "Degraded", "True", "NameCollision").getMessage();
        assertTrue(message.contains("a Secret chat-app exists that this cluster did not make"), message);
        awaitReconciles(2);
        assertEquals(other.getMetadata().getResourceVersion(), secret("chat-app").getMetadata().getResourceVersion());
        assertFalse(file().contains("theirs"), file());
    }

    @Test
    void attachedApplicationsAreLeftAloneWhileTheConnectionsOfTheirClusterChange() {
        harness.apply("chat", "{replicas: 2, rollout: {settleTimeout: 1s}}");
        try (Kubelet kubelet = new Kubelet(harness.namespace, "chat").run()) {
            harness.awaitCondition("chat", "Progressing", "False", "Stable");
            for (int i = 0; i < 10; i++) {
                harness.applyYaml("""
                    apiVersion: reverb.dev/v1
                    kind: ReverbApp
                    metadata: {name: shop-%d, namespace: %s}
                    spec: {clusterRef: {name: chat}}
                    """.formatted(i, harness.namespace));
            }
            for (int i = 0; i < 10; i++) {
                harness.awaitApp(harness.namespace, "shop-" + i, "Attached");
            }
            connected(kubelet, 1); // what follows the last attachment
            double before = reconciles("reverbapp");
            for (int i = 2; i < 7; i++) {
                connected(kubelet, i);
            }
            assertTrue(reconciles("reverbapp") - before < 10, () -> before + ", then " + reconciles("reverbapp"));
        }
    }

    private void connected(Kubelet kubelet, long onEach) {
        kubelet.played.connections = onEach;
        ApiServer.await(onEach + " connections on each server", () -> {
            Long seen = harness.cluster("chat").getStatus().connections();
            return seen != null && seen == 2 * onEach;
        });
    }

    /** The HorizontalPodAutoscaler would ask for them a moment later. */
    @Test
    void serversBeginWithTheFewestOfTheAutoscaler() {
        String scaling = "rollout: {settleTimeout: 1s}, autoscaling: {minReplicas: 3, maxReplicas: 5, targetCPU: 80}";
        harness.apply("chat", "{" + scaling + "}");
        try (Kubelet kubelet = new Kubelet(harness.namespace, "chat")) {
            assertEquals(3, kubelet.servers().getSpec().getReplicas());
            kubelet.run();
            harness.apply("chat", "{replicas: 4, " + scaling + "}");
            ApiServer.await("those that it asks for", () -> kubelet.servers().getSpec().getReplicas() == 4);
            harness.apply("chat", "{replicas: 0, " + scaling + "}");
            ApiServer.await("none, as 0 switches it off", () -> kubelet.servers().getSpec().getReplicas() == 0);
        }
    }

    @Test
    void whatTheSpecNoLongerAsksForGoesAndCredentialsStay() {
        harness.apply("chat", "{ingress: {host: a.b}, monitoring: {dashboard: true}, apps: [{id: a}, {id: b}]}");
        try (Kubelet _ = new Kubelet(harness.namespace, "chat").run()) {
            harness.awaitCondition("chat", "Progressing", "False", "Stable");
            harness.apply("chat", "{networkPolicy: {enabled: false}, apps: [{id: a}]}");
            ApiServer.await("Ingress, dashboard and policies are gone",
                    () -> Owned.versions(harness.client, harness.namespace)
                            .keySet()
                            .stream()
                            .noneMatch(key -> key.startsWith("Ingress") || key.startsWith("NetworkPolicy")
                                    || key.startsWith("ConfigMap")));
        }
        secret("chat-b");
        harness.awaitEvent("Removed");
    }

    @Test
    void aKindThatIsNotInstalledIsNamed() {
        harness.apply("chat", "{monitoring: {podMonitor: true}}");
        String message = harness.awaitCondition("chat", "Degraded", "True", "KindMissing").getMessage();
        assertTrue(
                message.startsWith("spec.monitoring.podMonitor: PodMonitor of monitoring.coreos.com is not installed"),
                message);
    }

    @Test
    void transitionTimesMoveOnlyWithTheStatus() {
        harness.apply("chat", "{}");
        String since = harness.awaitCondition("chat", "Degraded", "False", "AsDesired").getLastTransitionTime();
        try (Kubelet _ = new Kubelet(harness.namespace, "chat").run()) {
            harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
        }
        assertEquals(since, harness.condition("chat", "Degraded").orElseThrow().getLastTransitionTime());
        assertNotEquals("", since);
    }
}
