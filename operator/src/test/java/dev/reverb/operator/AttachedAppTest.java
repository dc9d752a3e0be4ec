package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.operator.plan.Credentials;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class AttachedAppTest extends TwoNamespaces {
    private void attach(String name, String more) {
        harness.applyYaml("""
            apiVersion: reverb.dev/v1
            kind: ReverbApp
            metadata: {name: %s, namespace: %s}
            spec: {clusterRef: {name: chat, namespace: %s}%s}
            """.formatted(name, team, harness.namespace, more));
    }

    private Condition awaitReady(String name, String status, String reason) {
        return ApiServer.await(name + " is " + reason, () -> {
            ReverbApp app = harness.client.resources(ReverbApp.class).inNamespace(team).withName(name).get();
            if (app == null || app.getStatus() == null) {
                return null;
            }
            Condition ready = Objects.requireNonNull(app.getStatus().conditions()).getFirst();
            return ready.getReason().equals(reason) && ready.getStatus().equals(status) ? ready : null;
        });
    }

    private String file() {
        Secret config = ApiServer.await("the aggregate Secret",
                () -> harness.client.secrets().inNamespace(harness.namespace).withName("chat-config").get());
        return Credentials.value(config.getData(), "reverb.yaml").orElseThrow();
    }

    @Test
    void anAppOfAnotherNamespaceIsServedAndGoesWithItsResource() {
        harness.apply("chat", "{appNamespaces: [" + team + "]}");
        attach("shop", ", maxConnections: 7");
        awaitReady("shop", "True", "Attached");
        Secret credentials = harness.client.secrets().inNamespace(team).withName("shop-reverb").require();
        assertEquals(team + ".shop", Credentials.value(credentials.getData(), "REVERB_APP_ID").orElseThrow());
        assertTrue(file().contains(Credentials.value(credentials.getData(), "REVERB_APP_SECRET").orElseThrow()));
        assertTrue(file().contains("max_connections: 7"), file());
        harness.client.resources(ReverbApp.class).inNamespace(team).withName("shop").delete();
        ApiServer.await("the resource is gone",
                () -> harness.client.resources(ReverbApp.class).inNamespace(team).withName("shop").get() == null);
        assertFalse(file().contains(team + ".shop"), file());
    }

    @Test
    void aNamespaceThatTheClusterDoesNotNameIsRefused() {
        harness.apply("chat", "{}");
        attach("shop", "");
        String message = awaitReady("shop", "False", "NamespaceNotAllowed").getMessage();
        assertTrue(message.contains("add " + team + " to its spec.appNamespaces"), message);
        assertFalse(file().contains(team + ".shop"));
        harness.apply("chat", "{appNamespaces: ['*']}");
        awaitReady("shop", "True", "Attached");
    }

    @Test
    void anIdThatTheClusterServesAlreadyIsRefused() {
        harness.apply("chat", "{appNamespaces: ['*'], apps: [{id: '1'}]}");
        attach("shop", ", id: '1'");
        awaitReady("shop", "False", "IdTaken");
    }

    @Test
    void anAppWithoutItsClusterWaitsForItAndCanGo() {
        attach("shop", "");
        awaitReady("shop", "False", "ClusterMissing");
        harness.apply("chat", "{appNamespaces: ['*']}");
        awaitReady("shop", "True", "Attached");
        harness.client.resources(ReverbCluster.class).inNamespace(harness.namespace).withName("chat").delete();
        harness.client.resources(ReverbApp.class).inNamespace(team).withName("shop").delete();
        ApiServer.await("the resource is gone",
                () -> harness.client.resources(ReverbApp.class).inNamespace(team).withName("shop").get() == null);
    }
}
