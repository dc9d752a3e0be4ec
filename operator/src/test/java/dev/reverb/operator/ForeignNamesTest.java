package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Objects of the cluster's names that somebody else made, and its own ones that somebody deleted. */
@Tag("slow")
class ForeignNamesTest {
    private static final String ALL = "{replicas: 2, ingress: {host: %s.example.com}, monitoring: {dashboard: true}, "
            + "api: {}, autoscaling: {minReplicas: 2, maxReplicas: 4, targetConnections: 9}}";
    private static final String SELECTOR = "selector: {matchLabels: {a: b}}";
    private static final String POD = "template: {metadata: {labels: {a: b}}, "
            + "spec: {containers: [{name: c, image: i}]}}";
    /** Kind, what follows the cluster's name, and the rest of an object that the API server takes. */
    private static final List<List<String>> NAMES = List.of(List.of("v1", "Service", "", "spec: {ports: [{port: 1}]}"),
            List.of("v1", "Service", "-nodes", "spec: {ports: [{port: 1}]}"),
            List.of("v1", "Service", "-api", "spec: {ports: [{port: 1}]}"),
            List.of("v1", "Service", "-redis", "spec: {ports: [{port: 1}]}"),
            List.of("v1", "ServiceAccount", "", "automountServiceAccountToken: false"),
            List.of("apps/v1", "StatefulSet", "", "spec: {serviceName: s, " + SELECTOR + ", " + POD + "}"),
            List.of("apps/v1", "StatefulSet", "-redis", "spec: {serviceName: s, " + SELECTOR + ", " + POD + "}"),
            List.of("policy/v1", "PodDisruptionBudget", "", "spec: {maxUnavailable: 1, " + SELECTOR + "}"),
            List.of("networking.k8s.io/v1", "NetworkPolicy", "", "spec: {podSelector: {}}"),
            List.of("networking.k8s.io/v1", "NetworkPolicy", "-redis", "spec: {podSelector: {}}"),
            List.of("networking.k8s.io/v1", "Ingress", "",
                    "spec: {defaultBackend: {service: {name: a, port: {number: 1}}}}"),
            List.of("autoscaling/v2", "HorizontalPodAutoscaler", "",
                    "spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: d}}"),
            List.of("v1", "ConfigMap", "-dashboard", "data: {a: b}"), List.of("v1", "Secret", "-config", "data: {}"),
            List.of("v1", "Secret", "-redis", "data: {}"), List.of("v1", "Secret", "-app", "data: {}"));

    private Harness harness;

    @BeforeEach
    void start() {
        harness = new Harness();
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    private GenericKubernetesResource object(List<String> kind, String cluster) {
        return Serialization.unmarshal(
                "apiVersion: " + kind.get(0) + "\nkind: " + kind.get(1) + "\nmetadata: {name: " + cluster + kind.get(2)
                        + ", namespace: " + harness.namespace + "}\n" + kind.get(3) + "\n",
                GenericKubernetesResource.class);
    }

    @Test
    void whatSomebodyElseMadeIsNamedAndLeftAsItIs() {
        Map<String, GenericKubernetesResource> made = new HashMap<>();
        for (int i = 0; i < NAMES.size(); i++) {
            made.put("c" + i, harness.client.resource(object(NAMES.get(i), "c" + i)).create());
        }
        made.keySet().forEach(cluster -> harness.apply(cluster, ALL.formatted(cluster)));
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < NAMES.size(); i++) {
            String cluster = "c" + i;
            List<String> kind = NAMES.get(i);
            String message = harness.awaitCondition(cluster, "Degraded", "True", "NameCollision").getMessage();
            if (!message
                    .contains("a " + kind.get(1) + " " + cluster + kind.get(2) + " exists that this cluster did not")) {
                wrong.add(kind + ": " + message);
            }
            GenericKubernetesResource foreign = Objects.requireNonNull(made.get(cluster));
            GenericKubernetesResource now = harness.client.resource(foreign).get();
            if (!now.getMetadata().getResourceVersion().equals(foreign.getMetadata().getResourceVersion())) {
                wrong.add(kind + " was changed");
            }
        }
        assertEquals(List.of(), wrong);
        // once it is gone, the cluster makes its own
        made.values().forEach(object -> harness.client.resource(object).delete());
        made.keySet().forEach(cluster -> harness.awaitCondition(cluster, "Degraded", "False", "AsDesired"));
    }

    /** As with what is there at first: that the operator made one of the name before gives it no right to this one. */
    @Test
    void whatSomebodyElseMadeInThePlaceOfADeletedOneIsLeftAsItIs() {
        List<List<String>> kinds = NAMES.stream()
                // a StatefulSet and the Secrets of what runs are looked at afresh in each reconcile
                .filter(kind -> !kind.get(1).equals("StatefulSet"))
                .toList();
        for (int i = 0; i < kinds.size(); i++) {
            harness.apply("c" + i, ALL.formatted("c" + i));
        }
        for (int i = 0; i < kinds.size(); i++) {
            GenericKubernetesResource own = object(kinds.get(i), "c" + i);
            ApiServer.await("the cluster's own", () -> harness.client.resource(own).get());
            harness.awaitCondition("c" + i, "Degraded", "False", "AsDesired");
            harness.apply("c" + i, ALL.formatted("c" + i), "reverb.dev/paused: 'true'");
            harness.awaitCondition("c" + i, "Paused", "True", "Annotated");
        }
        Map<Integer, GenericKubernetesResource> made = new HashMap<>();
        for (int i = 0; i < kinds.size(); i++) {
            GenericKubernetesResource foreign = object(kinds.get(i), "c" + i);
            harness.client.resource(foreign).delete();
            ApiServer.await("it is gone", () -> harness.client.resource(foreign).get() == null);
            made.put(i, harness.client.resource(foreign).create());
        }
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < kinds.size(); i++) {
            harness.apply("c" + i, ALL.formatted("c" + i));
            harness.awaitCondition("c" + i, "Paused", "False", "NotPaused");
            harness.awaitCondition("c" + i, "Degraded", "True", "NameCollision");
            GenericKubernetesResource foreign = Objects.requireNonNull(made.get(i));
            if (!Optional.ofNullable(harness.client.resource(foreign).get())
                    .map(found -> found.getMetadata().getResourceVersion())
                    .equals(Optional.of(foreign.getMetadata().getResourceVersion()))) {
                wrong.add(kinds.get(i) + " was changed");
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void everyObjectThatIsDeletedComesBack() {
        harness.apply("chat", ALL.formatted("chat"));
        harness.awaitCondition("chat", "Degraded", "False", "AsDesired");
        Map<String, HasMetadata> own = Owned.all(harness.client, harness.namespace)
                .stream()
                .collect(Collectors.toMap(object -> object.getKind() + "/" + object.getMetadata().getName(),
                        object -> object));
        assertEquals(NAMES.size(), own.size(), own.keySet().toString());
        Map<String, String> before = Map.of("chat-app", secret("chat-app"), "chat-config", secret("chat-config"),
                "chat-redis", secret("chat-redis"));
        for (HasMetadata object : own.values()) {
            harness.client.resource(object).delete();
            ApiServer.await(object.getKind() + " " + object.getMetadata().getName() + " is back", () -> {
                HasMetadata now = harness.client.resource(object).get();
                return now != null && !now.getMetadata().getUid().equals(object.getMetadata().getUid());
            });
        }
        assertEquals(before, Map.of("chat-app", secret("chat-app"), "chat-config", secret("chat-config"), "chat-redis",
                secret("chat-redis")));
        harness.awaitCondition("chat", "Degraded", "False", "AsDesired");
        assertTrue(harness.events("SecretGenerated").size() <= 1, "credentials were made twice");
    }

    private String secret(String name) {
        return String
                .valueOf(harness.client.secrets().inNamespace(harness.namespace).withName(name).require().getData());
    }
}
