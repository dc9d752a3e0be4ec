package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.AppStatus;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.operator.plan.Credentials;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QuickstartTest {
    private Harness harness;

    @BeforeEach
    void start() {
        harness = new Harness();
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void anEmptySpecMakesServersRedisServicesAndAnAppWithCredentials() {
        harness.apply("chat", "{}");
        Kubelet kubelet = new Kubelet(harness.namespace, "chat");
        StatefulSet servers = kubelet.servers();
        assertEquals(2, servers.getSpec().getReplicas());
        assertEquals("Parallel", servers.getSpec().getPodManagementPolicy());
        assertNotNull(harness.client.services().inNamespace(harness.namespace).withName("chat").get());
        assertNotNull(harness.client.services().inNamespace(harness.namespace).withName("chat-nodes").get());
        assertNotNull(harness.client.services().inNamespace(harness.namespace).withName("chat-redis").get());
        assertNotNull(harness.client.apps().statefulSets().inNamespace(harness.namespace).withName("chat-redis").get());
        Secret app = ApiServer.await("the app's Secret is whole", () -> {
            Secret secret = harness.client.secrets().inNamespace(harness.namespace).withName("chat-app").get();
            return secret != null && secret.getData().containsKey("REVERB_HOST") ? secret : null;
        });
        assertEquals(List.of("REVERB_APP_ID", "REVERB_APP_KEY", "REVERB_APP_SECRET", "REVERB_HOST", "REVERB_PORT",
                "REVERB_SCHEME"), List.copyOf(new TreeMap<>(app.getData()).keySet()));
        assertEquals("chat." + harness.namespace + ".svc",
                Credentials.value(app.getData(), "REVERB_HOST").orElseThrow());
        Secret config = harness.client.secrets().inNamespace(harness.namespace).withName("chat-config").require();
        String file = Credentials.value(config.getData(), "reverb.yaml").orElseThrow();
        assertTrue(file.contains(Credentials.value(app.getData(), "REVERB_APP_SECRET").orElseThrow()), file);
    }

    @Test
    void theStatusTellsWhenTheServersAreReadyAndOfWhichGeneration() {
        harness.apply("chat", "{}");
        Kubelet kubelet = new Kubelet(harness.namespace, "chat");
        harness.awaitCondition("chat", "Ready", "False", "ReplicasNotReady");
        kubelet.pass();
        kubelet.ready();
        kubelet.pass();
        assertEquals("2 of 2 servers are ready",
                harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady").getMessage());
        harness.awaitCondition("chat", "Progressing", "False", "Stable");
        ReverbCluster cluster = harness.cluster("chat");
        assertEquals(cluster.getMetadata().getGeneration(), cluster.getStatus().observedGeneration());
        assertEquals(2, cluster.getStatus().replicas());
        assertEquals("reverb.dev/cluster=chat,reverb.dev/component=server", cluster.getStatus().selector());
        assertEquals("ws://chat." + harness.namespace + ".svc:8080", cluster.getStatus().url());
        assertEquals(List.of(new AppStatus("app", "chat-app", null)), cluster.getStatus().apps());
    }

    @Test
    void everythingIsOwnedByTheClusterSoThatDeletingItRemovesAll() {
        harness.apply("chat", "{}");
        harness.awaitCondition("chat", "Ready", "False", "ReplicasNotReady");
        String uid = harness.cluster("chat").getMetadata().getUid();
        List<HasMetadata> objects = Owned.all(harness.client, harness.namespace);
        assertTrue(objects.size() >= 9, () -> objects.size() + " objects");
        for (HasMetadata object : objects) {
            // credentials stay, so that a cluster of the same name has the same keys (CredentialsTest)
            boolean credentials = object.getMetadata().getName().equals("chat-app");
            assertEquals(credentials ? List.of() : Stream.of(uid).toList(),
                    object.getMetadata().getOwnerReferences().stream().map(owner -> owner.getUid()).toList(),
                    () -> object.getKind() + " " + object.getMetadata().getName());
        }
    }
}
