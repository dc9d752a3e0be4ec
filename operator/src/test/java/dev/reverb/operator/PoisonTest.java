package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.ReverbApp;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Resources that this operator cannot read, as a definition of another version lets them be. */
class PoisonTest {
    private Harness harness;

    @BeforeEach
    void start() {
        harness = new Harness();
        // a definition without any rule: whatever a later one might take
        open("reverbclusters.reverb.dev");
        open("reverbapps.reverb.dev");
    }

    @AfterEach
    void stop() {
        harness.close();
        ApiServer.install();
    }

    private void open(String name) {
        harness.client.apiextensions().v1().customResourceDefinitions().withName(name).edit(definition -> {
            CustomResourceDefinition open = definition;
            open.getSpec().getVersions().forEach(version -> {
                var schema = version.getSchema().getOpenAPIV3Schema();
                schema.setXKubernetesValidations(null);
                var spec = Objects.requireNonNull(schema.getProperties().get("spec"));
                spec.setXKubernetesValidations(null);
                spec.setProperties(null);
                spec.setRequired(null);
                spec.setXKubernetesPreserveUnknownFields(true);
            });
            return open;
        });
    }

    private void cluster(String name, String spec) {
        // the definition takes effect a moment after it was written
        ApiServer.await("the API server takes " + spec, () -> {
            try {
                harness.apply(name, spec);
                return harness.client.genericKubernetesResources("reverb.dev/v1", "ReverbCluster")
                        .inNamespace(harness.namespace)
                        .withName(name)
                        .get()
                        .get("spec")
                        .toString()
                        .length() > 2;
            } catch (KubernetesClientException _) {
                return false;
            }
        });
    }

    @Test
    void aClusterThatCannotBeReadHasAConditionAndItsNeighbourIsReconciled() throws Exception {
        cluster("poison", "{replicas: 2, drain: {closesPerSecond: 3000000000}}");
        assertTrue(harness.awaitCondition("poison", "Degraded", "True", "Unreadable")
                .getMessage()
                .startsWith("spec.drain.closesPerSecond: "));
        harness.awaitCondition("poison", "Ready", "False", "Unreadable");
        harness.awaitEvent("Refused");
        harness.apply("chat", "{replicas: 2}");
        Kubelet kubelet = new Kubelet(harness.namespace, "chat");
        assertEquals(2, kubelet.servers().getSpec().getReplicas());
        harness.apply("chat", "{replicas: 3}");
        awaitServers(kubelet, 3);
        assertEquals(200, status("/livez"));
    }

    @Test
    void aClusterThatBecomesUnreadableKeepsWhatRunsAndHeals() {
        cluster("chat", "{replicas: 3, future: {a: 1}}");
        Kubelet kubelet = new Kubelet(harness.namespace, "chat");
        assertEquals(3, kubelet.servers().getSpec().getReplicas());
        harness.awaitCondition("chat", "Ready", "False", "ReplicasNotReady");
        Map<String, String> before = Owned.versions(harness.client, harness.namespace);
        cluster("chat", "{replicas: 3, drain: 60s}");
        assertTrue(
                harness.awaitCondition("chat", "Degraded", "True", "Unreadable").getMessage().contains("spec.drain"));
        assertEquals(before, Owned.versions(harness.client, harness.namespace));
        cluster("chat", "{replicas: 4, drain: null}");
        awaitServers(kubelet, 4);
    }

    @Test
    void anOperatorThatStartsBesideAnUnreadableResourceActs() throws Exception {
        cluster("poison", "{redis: {managed: {storage: {size: ''}}}}");
        harness.awaitCondition("poison", "Degraded", "True", "Unreadable");
        harness.restart(Map.of());
        harness.apply("chat", "{replicas: 2}");
        assertEquals(2, new Kubelet(harness.namespace, "chat").servers().getSpec().getReplicas());
        assertEquals(200, status("/readyz"));
    }

    @Test
    void anAppThatBecomesUnreadableIsServedAsItWas() {
        cluster("chat", "{replicas: 2, apps: []}");
        app("{clusterRef: {name: chat}, maxConnections: 5}");
        ApiServer.await("the app is served", () -> file().contains(".shop\""));
        String served = file();
        app("{clusterRef: {name: chat}, maxConnections: 3000000000}");
        ApiServer.await("the app says so", () -> {
            ReverbApp app = harness.client.resources(ReverbApp.class)
                    .inNamespace(harness.namespace)
                    .withName("shop")
                    .require();
            return app.getStatus() != null && String.valueOf(app.getStatus().conditions()).contains("Unreadable")
                    && String.valueOf(app.getStatus().conditions()).contains("spec.maxConnections: ");
        });
        harness.apply("chat", "{replicas: 3, apps: []}");
        Kubelet kubelet = new Kubelet(harness.namespace, "chat");
        awaitServers(kubelet, 3);
        assertEquals(served, file());
    }

    private static void awaitServers(Kubelet kubelet, int replicas) {
        ApiServer.await(replicas + " servers", () -> {
            kubelet.pass();
            return kubelet.servers().getSpec().getReplicas() == replicas;
        });
    }

    private void app(String spec) {
        harness.applyYaml("""
            apiVersion: reverb.dev/v1
            kind: ReverbApp
            metadata: {name: shop, namespace: %s}
            spec: %s
            """.formatted(harness.namespace, spec));
    }

    private String file() {
        Secret secret = harness.client.secrets().inNamespace(harness.namespace).withName("chat-config").get();
        return secret == null ? ""
                : new String(Base64.getDecoder().decode(secret.getData().get("reverb.yaml")), StandardCharsets.UTF_8);
    }

    private int status(String path) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + harness.operator().managementAddress().getPort() + path);
            return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding()).statusCode();
        }
    }
}
