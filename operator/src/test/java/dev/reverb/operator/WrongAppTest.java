package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.ReverbApp;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An application that the schema takes and a server refuses costs nobody but itself. */
class WrongAppTest {
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

    private void app(String name, String more) {
        harness.applyYaml("""
            apiVersion: reverb.dev/v1
            kind: ReverbApp
            metadata: {name: %s, namespace: %s}
            spec: {clusterRef: {name: chat}%s}
            """.formatted(name, harness.namespace, more));
    }

    private Condition awaitReady(String name, String reason) {
        return ApiServer.await(name + " is " + reason, () -> {
            ReverbApp app = harness.client.resources(ReverbApp.class)
                    .inNamespace(harness.namespace)
                    .withName(name)
                    .require();
            return app.getStatus() == null || app.getStatus().conditions() == null ? null
                    : app.getStatus()
                            .conditions()
                            .stream()
                            .filter(condition -> condition.getReason().equals(reason))
                            .findFirst()
                            .orElse(null);
        });
    }

    private String file() {
        Secret secret = harness.client.secrets().inNamespace(harness.namespace).withName("chat-config").get();
        return secret == null ? ""
                : new String(Base64.getDecoder().decode(secret.getData().get("reverb.yaml")), StandardCharsets.UTF_8);
    }

    @Test
    void aWrongReverbAppIsServedAsItWasAndTheOthersGoOn() {
        harness.apply("chat", "{replicas: 2, apps: []}");
        app("good", ", maxConnections: 1");
        app("bad", ", maxConnections: 7");
        awaitReady("good", "Attached");
        awaitReady("bad", "Attached");
        app("bad", ", maxConnections: 8, maxMessageSize: 2000000");
        String message = awaitReady("bad", "AppInvalid").getMessage();
        assertTrue(message.startsWith("spec.maxMessageSize: "), message);
        assertTrue(message.endsWith("the app is served as it was"), message);
        app("good", ", maxConnections: 2");
        ApiServer.await("the other one is live", () -> file().contains("max_connections: 2"));
        assertTrue(file().contains("max_connections: 7"), file());
        assertFalse(file().contains("2000000"), file());
        app("bad", ", maxConnections: 9");
        ApiServer.await("it is mended", () -> file().contains("max_connections: 9"));
    }

    @Test
    void aWrongAppOfTheClusterIsACondition() {
        harness.apply("chat", "{replicas: 2, apps: [{id: a}, {id: b, maxMessageSize: 2000000}]}");
        String message = harness.awaitCondition("chat", "Degraded", "True", "AppInvalid").getMessage();
        assertTrue(message.startsWith("spec.apps[1].maxMessageSize: "), message);
        ApiServer.await("the other one is served",
                () -> file().contains("app_id: \"a\"") || file().contains("app_id: a"));
        assertFalse(file().contains("2000000"));
        assertEquals(2, new Kubelet(harness.namespace, "chat").servers().getSpec().getReplicas());
    }

    @Test
    void credentialsInASecretThatIsTooLargeToBeCachedAreFound() {
        harness.client.secrets()
                .resource(new SecretBuilder().withNewMetadata()
                        .withName("large")
                        .withNamespace(harness.namespace)
                        .endMetadata()
                        .addToStringData("REVERB_APP_KEY", "large-key")
                        .addToStringData("REVERB_APP_SECRET", "large-secret")
                        .addToStringData("ballast", "x".repeat(100_000))
                        .build())
                .create();
        harness.apply("chat", "{replicas: 2, apps: [{id: a, credentialsSecret: large}]}");
        ApiServer.await("it is served", () -> file().contains("large-secret"));
        app("shop", ", credentialsSecret: large2");
        awaitReady("shop", "AppSecretMissing");
        harness.client.secrets()
                .resource(new SecretBuilder().withNewMetadata()
                        .withName("large2")
                        .withNamespace(harness.namespace)
                        .endMetadata()
                        .addToStringData("key", "other-key")
                        .addToStringData("secret", "other-secret")
                        .addToStringData("ballast", "x".repeat(100_000))
                        .build())
                .create();
        awaitReady("shop", "Attached");
    }
}
