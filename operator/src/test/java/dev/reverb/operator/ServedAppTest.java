package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.AppStatus;
import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbAppStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An application is Ready when every ready server says that it has it in force. */
class ServedAppTest {
    private static final String QUICK = "replicas: 2, rollout: {settleTimeout: 1s}";
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

    private void app(String name, int maxConnections) {
        harness.applyYaml("""
            apiVersion: reverb.dev/v1
            kind: ReverbApp
            metadata: {name: %s, namespace: %s}
            spec: {clusterRef: {name: chat}, maxConnections: %d}
            """.formatted(name, harness.namespace, maxConnections));
    }

    private Condition awaitApp(String name, Predicate<Condition> holds) {
        return ApiServer.await("the condition of " + name, () -> {
            ReverbApp app = harness.client.resources(ReverbApp.class)
                    .inNamespace(harness.namespace)
                    .withName(name)
                    .require();
            return app.getStatus() == null || app.getStatus().conditions() == null
                    || !Objects.equals(app.getStatus().observedGeneration(), app.getMetadata().getGeneration()) ? null
                            : app.getStatus().conditions().stream().filter(holds).findFirst().orElse(null);
        });
    }

    @Test
    void itIsNotReadyBeforeTheLastServerHasItsChangeAndTheOthersStayReady() {
        harness.apply("chat", "{" + QUICK + "}");
        app("shop", 1);
        app("news", 1);
        awaitApp("shop", condition -> condition.getReason().equals("Attached"));
        String since = awaitApp("news", condition -> condition.getReason().equals("Attached")).getLastTransitionTime();
        kubelet.played.freeze(1);
        app("shop", 2);
        String message = awaitApp("shop", condition -> condition.getReason().equals("Attaching")
                && condition.getMessage().contains("chat-1") && !condition.getMessage().contains("chat-0"))
                .getMessage();
        assertTrue(message.contains("chat-1 has not taken its last change yet"), message);
        kubelet.played.thaw(1);
        awaitApp("shop", condition -> condition.getReason().equals("Attached"));
        assertEquals(since,
                awaitApp("news", condition -> condition.getReason().equals("Attached")).getLastTransitionTime());
    }

    @Test
    void itIsNotReadyBeforeAServerIs() {
        kubelet.close();
        harness.apply("chat", "{" + QUICK + "}");
        app("shop", 1);
        awaitApp("shop", condition -> condition.getMessage().contains("no server is ready"));
        kubelet.run();
        awaitApp("shop", condition -> condition.getReason().equals("Attached"));
    }

    @Test
    void oneThatAServerRefusesIsNotReadyAndDegradesTheClusterInTheServersWords() {
        harness.apply("chat", "{" + QUICK + ", apps: [{id: own}]}");
        app("shop", 1);
        app("news", 1);
        awaitApp("shop", condition -> condition.getReason().equals("Attached"));
        String id = Objects.requireNonNull(attached("shop").id());
        kubelet.played.refused.put("1/" + id, "max_connections (reverb.yaml:7): \"1\" is odd; allowed is even");
        app("shop", 3);
        String message = awaitApp("shop", condition -> condition.getReason().equals("AppRefused")).getMessage();
        assertTrue(message.contains("chat-1: max_connections (reverb.yaml:7)") && message.contains("as it was"),
                message);
        String degraded = harness.awaitCondition("chat", "Degraded", "True", "AppRefused").getMessage();
        assertTrue(degraded.contains("the app " + id + " is refused by chat-1: max_connections"), degraded);
        awaitApp("news", condition -> condition.getReason().equals("Attached"));
        kubelet.played.refused.clear();
        awaitApp("shop", condition -> condition.getReason().equals("Attached"));
        harness.awaitCondition("chat", "Degraded", "False", "AsDesired");
    }

    @Test
    void anotherOperatorTakesWhatWasReadyAsReadyUntilItHasSeenTheServers() {
        harness.apply("chat", "{" + QUICK + "}");
        app("shop", 1);
        String since = awaitApp("shop", condition -> condition.getReason().equals("Attached")).getLastTransitionTime();
        kubelet.played.silent.add(1);
        harness.restart(Map.of());
        app("news", 1);
        awaitApp("news", condition -> condition.getMessage().contains("chat-1 does not answer"));
        assertEquals(since,
                awaitApp("shop", condition -> condition.getReason().equals("Attached")).getLastTransitionTime());
        kubelet.played.silent.clear();
        awaitApp("news", condition -> condition.getReason().equals("Attached"));
    }

    @Test
    void theLastUseOfAPreviousSecretIsInBothStatuses() {
        harness.client.secrets()
                .resource(new SecretBuilder().withNewMetadata()
                        .withName("given")
                        .withNamespace(harness.namespace)
                        .endMetadata()
                        .addToStringData("key", "given-key")
                        .addToStringData("secret", "given-secret")
                        .build())
                .create();
        harness.apply("chat", "{" + QUICK + ", apps: [{id: own}]}", "reverb.dev/rotate: '1'");
        app("shop", 1);
        awaitApp("shop", condition -> condition.getReason().equals("Attached"));
        String id = Objects.requireNonNull(attached("shop").id());
        harness.apply("chat", "{" + QUICK + ", apps: [{id: own}]}", "reverb.dev/rotate: '2'");
        ApiServer.edit(harness.client.resources(ReverbApp.class).inNamespace(harness.namespace).withName("shop"),
                app -> {
                    app.getMetadata().setAnnotations(Map.of("reverb.dev/rotate", "2"));
                    return app;
                });
        ApiServer.await("both are rotated",
                () -> own() != null && own().rotatedAt() != null && attached("shop").rotatedAt() != null);
        assertEquals(null, own().previousSecretLastUsed());
        kubelet.played.previousSecretUsed.put("0/own", "2026-01-02T03:04:05Z");
        kubelet.played.previousSecretUsed.put("1/own", "2026-01-02T03:05:06.789Z");
        kubelet.played.previousSecretUsed.put("1/" + id, "2026-01-02T03:06:07Z");
        ApiServer.await("the cluster's status says so",
                () -> "2026-01-02T03:05:00Z".equals(own().previousSecretLastUsed()));
        ApiServer.await("the application's status says so",
                () -> "2026-01-02T03:06:00Z".equals(attached("shop").previousSecretLastUsed()));
        // servers that are gone take their knowledge along, and so does the operator
        kubelet.played.previousSecretUsed.clear();
        harness.restart(Map.of());
        app("news", 1);
        awaitApp("news", condition -> condition.getReason().equals("Attached"));
        assertEquals("2026-01-02T03:05:00Z", own().previousSecretLastUsed());
        assertEquals("2026-01-02T03:06:00Z", attached("shop").previousSecretLastUsed());
    }

    private ReverbAppStatus attached(String name) {
        return Objects.requireNonNull(harness.awaitApp(harness.namespace, name, "Attached").getStatus());
    }

    private AppStatus own() {
        return ApiServer.await("the application is served",
                () -> harness.cluster("chat").getStatus() == null ? null
                        : Objects.requireNonNullElse(harness.cluster("chat").getStatus().apps(), List.<AppStatus>of())
                                .stream()
                                .filter(app -> app.id().equals("own"))
                                .findFirst()
                                .orElse(null));
    }
}
