package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.ReverbCluster;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes wrong in one part of a cluster stops no other part. */
class IsolationTest {
    private static final String QUICK = "rollout: {settleTimeout: 1s}";
    private Harness harness;
    private Kubelet kubelet;

    @BeforeEach
    void start() {
        harness = new Harness();
        kubelet = new Kubelet(harness.namespace, "chat");
    }

    @AfterEach
    void stop() {
        kubelet.close();
        harness.close();
    }

    @Test
    void anIngressThatIsRefusedKeepsNothingElseFromBeingDone() {
        String name = "no-ingress-" + harness.namespace;
        harness.deny(name, harness.namespace,
                "{apiGroups: [networking.k8s.io], apiVersions: [v1], operations: [CREATE, UPDATE], "
                        + "resources: [ingresses]}",
                "no Ingress here");
        ApiServer.await("the policy is in force", () -> {
            try {
                harness.applyYaml("""
                    apiVersion: networking.k8s.io/v1
                    kind: Ingress
                    metadata: {name: probe, namespace: %s}
                    spec: {defaultBackend: {service: {name: a, port: {number: 1}}}}
                    """.formatted(harness.namespace));
                return false;
            } catch (RuntimeException _) {
                return true;
            }
        });
        harness.apply("chat", "{replicas: 2, " + QUICK + ", ingress: {host: a.b}, monitoring: {dashboard: true}}");
        kubelet.run();
        String message = harness.awaitCondition("chat", "Degraded", "True", "ApiServerRefused").getMessage();
        assertTrue(message.startsWith("spec.ingress: ") && message.contains("no Ingress here"), message);
        harness.awaitCondition("chat", "Stalled", "True", "ApiServerRefused");
        harness.awaitCondition("chat", "Progressing", "False", "Stable");
        assertNotNull(harness.client.configMaps().inNamespace(harness.namespace).withName("chat-dashboard").get());
        assertNotNull(harness.client.policy()
                .v1()
                .podDisruptionBudget()
                .inNamespace(harness.namespace)
                .withName("chat")
                .get());
        harness.apply("chat", "{replicas: 3, " + QUICK + ", ingress: {host: a.b}}");
        ApiServer.await("three servers", () -> kubelet.pods().size() == 3);
    }

    @Test
    void aHostThatAnotherIngressHasIsNamedByTheLaterOneOnly() {
        harness.applyYaml("""
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: {name: website, namespace: %s}
            spec:
              rules:
              - host: a.b
                http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
              - host: c.d
                http: {paths: [{path: /other, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
            """.formatted(harness.namespace));
        harness.apply("chat", "{replicas: 2, " + QUICK + ", ingress: {host: a.b}}");
        kubelet.run();
        String message = harness.awaitCondition("chat", "Degraded", "True", "HostInUse").getMessage();
        assertTrue(message.startsWith("spec.ingress.host: the Ingress " + harness.namespace + "/website had a.b"),
                message);
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
        // another path of the same host is no collision
        harness.apply("chat", "{replicas: 2, " + QUICK + ", ingress: {host: c.d}}");
        harness.awaitCondition("chat", "Degraded", "False", "AsDesired");
        harness.apply("later", "{replicas: 2, " + QUICK + ", ingress: {host: c.d}}");
        assertTrue(harness.awaitCondition("later", "Degraded", "True", "HostInUse")
                .getMessage()
                .contains("/chat had c.d"));
        harness.awaitCondition("chat", "Degraded", "False", "AsDesired");
    }

    @Test
    void aBudgetOfAllServersIsNamedAndOneServerStays() {
        harness.apply("chat", "{replicas: 2, " + QUICK + ", disruptionBudget: {maxUnavailable: 2}}");
        kubelet.run();
        assertTrue(harness.awaitCondition("chat", "Degraded", "True", "BudgetTooLarge")
                .getMessage()
                .startsWith("spec.disruptionBudget.maxUnavailable: 2 would let all 2 servers be evicted"));
        assertEquals(1, evictable());
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
        harness.awaitCondition("chat", "Stalled", "False", "NotStalled");
        // more servers, and the same field covers them no longer
        harness.client.resources(ReverbCluster.class).inNamespace(harness.namespace).withName("chat").scale(3);
        harness.awaitCondition("chat", "Degraded", "False", "AsDesired");
        ApiServer.await("two of three may be evicted", () -> evictable() == 2);
    }

    private int evictable() {
        return ApiServer
                .await("a budget",
                        () -> harness.client.policy()
                                .v1()
                                .podDisruptionBudget()
                                .inNamespace(harness.namespace)
                                .withName("chat")
                                .get())
                .getSpec()
                .getMaxUnavailable()
                .getIntVal();
    }

    @Test
    void aPodThatOnlyBearsTheLabelsIsNoServer() {
        harness.apply("chat", "{replicas: 2, " + QUICK + "}");
        kubelet.run();
        harness.awaitCondition("chat", "Progressing", "False", "Stable");
        kubelet.close();
        Pod stray = new PodBuilder(ApiServer.await("a pod", () -> kubelet.pod(0))).withNewMetadata()
                .withNamespace(harness.namespace)
                .withName("debug")
                .withLabels(kubelet.pods().getFirst().getMetadata().getLabels())
                .endMetadata()
                .withStatus(null)
                .build();
        harness.client.resource(stray).create();
        harness.apply("chat", "{replicas: 3, " + QUICK + "}");
        ApiServer.await("three servers are asked for", () -> kubelet.servers().getSpec().getReplicas() == 3);
        assertEquals(2, harness.cluster("chat").getStatus().replicas());
        assertEquals(Map.of(), harness.client.resource(stray).get().getMetadata().getAnnotations());
    }

    @Test
    void anEditedStrategyAndAnOddAnnotationAreWrittenAgain() {
        harness.apply("chat", "{" + QUICK + ", autoscaling: {provider: builtin, minReplicas: 2, maxReplicas: 4,"
                + " targetConnections: 100}}");
        kubelet.run();
        harness.awaitCondition("chat", "Progressing", "False", "Stable");
        ApiServer.edit(harness.client.apps().statefulSets().inNamespace(harness.namespace).withName("chat"),
                set -> new StatefulSetBuilder(set).editMetadata()
                        .addToAnnotations("reverb.dev/wanted-replicas", "many")
                        .endMetadata()
                        .editSpec()
                        .withNewUpdateStrategy()
                        .withType("OnDelete")
                        .endUpdateStrategy()
                        .endSpec()
                        .build());
        ApiServer.await("the strategy is written again",
                () -> "RollingUpdate".equals(kubelet.servers().getSpec().getUpdateStrategy().getType()));
        assertEquals("2", kubelet.servers().getMetadata().getAnnotations().get("reverb.dev/wanted-replicas"));
    }

    @Test
    void aSecretThatCannotBeWrittenKeepsItsCredentialsAndStopsNothing() {
        harness.apply("chat", "{replicas: 2, " + QUICK + "}");
        kubelet.run();
        harness.awaitCondition("chat", "Progressing", "False", "Stable");
        harness.client.secrets()
                .inNamespace(harness.namespace)
                .withName("chat-app")
                .edit(secret -> new SecretBuilder(secret).withImmutable(true).build());
        harness.apply("chat", "{replicas: 3, " + QUICK + ", ingress: {host: ws.example.com}}");
        harness.awaitCondition("chat", "Degraded", "True", "AppSecretImmutable");
        ApiServer.await("three servers", () -> kubelet.pods().size() == 3);
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
    }

    @Test
    void aCopyOfAnObjectWithItsLabelsIsSomebodyElses() {
        harness.apply("chat", "{replicas: 2, " + QUICK + "}");
        kubelet.run();
        harness.awaitCondition("chat", "Progressing", "False", "Stable");
        Service own = harness.client.services().inNamespace(harness.namespace).withName("chat").require();
        Service copy = harness.client.resource(new ServiceBuilder().withNewMetadata()
                .withNamespace(harness.namespace)
                .withName("chat-lb")
                .withLabels(own.getMetadata().getLabels())
                .endMetadata()
                .withNewSpec()
                .withSelector(own.getSpec().getSelector())
                .withPorts(own.getSpec().getPorts())
                .endSpec()
                .build()).create();
        harness.apply("chat", "{replicas: 2, " + QUICK + ", monitoring: {dashboard: true}}");
        ApiServer.await("the dashboard",
                () -> harness.client.configMaps().inNamespace(harness.namespace).withName("chat-dashboard").get());
        harness.apply("chat", "{replicas: 2, " + QUICK + "}");
        harness.awaitEvent("Removed");
        assertEquals(copy.getMetadata().getUid(), harness.client.resource(copy).require().getMetadata().getUid());
    }

    @Test
    void aSpecThatIsRefusedIsNotReadyAndStalled() {
        harness.apply("chat", "{replicas: 2, " + QUICK + "}");
        kubelet.run();
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
        harness.awaitCondition("chat", "Reconciling", "False", "Stable");
        harness.apply("chat", "{replicas: 2, " + QUICK + ", podTemplate: {spec: {containers: 5}}}");
        Condition stalled = harness.awaitCondition("chat", "Stalled", "True", "InvalidSpec");
        assertEquals(harness.cluster("chat").getMetadata().getGeneration(), stalled.getObservedGeneration());
        harness.awaitCondition("chat", "Ready", "False", "InvalidSpec");
        harness.apply("chat", "{replicas: 2, " + QUICK + "}");
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
        harness.awaitCondition("chat", "Stalled", "False", "NotStalled");
    }

    @Test
    void readyDoesNotRunAheadOfTheNumberOfServers() {
        harness.apply("chat", "{replicas: 2, " + QUICK + "}");
        kubelet.run();
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
        kubelet.close();
        harness.apply("chat", "{replicas: 4, " + QUICK + "}");
        long generation = harness.cluster("chat").getMetadata().getGeneration();
        Condition ready = ApiServer.await("a status of the new generation",
                () -> harness.condition("chat", "Ready")
                        .filter(condition -> condition.getObservedGeneration() == generation)
                        .orElse(null));
        assertEquals("False 2 of 4 servers are ready", ready.getStatus() + " " + ready.getMessage());
        kubelet.run();
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
        assertEquals(4, harness.cluster("chat").getStatus().readyReplicas());
    }

    @Test
    void theVersionIsTheOneThatRuns() {
        harness.apply("chat", "{replicas: 2, image: 'r:1', " + QUICK + "}");
        kubelet.run();
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
        ApiServer.await("r:1 runs", () -> "1".equals(harness.cluster("chat").getStatus().version()));
        kubelet.close();
        harness.apply("chat", "{replicas: 2, image: 'r:2', " + QUICK + "}");
        harness.awaitCondition("chat", "Progressing", "True", "Rolling");
        assertEquals("1", harness.cluster("chat").getStatus().version());
        kubelet.run();
        ApiServer.await("r:2 runs", () -> "2".equals(harness.cluster("chat").getStatus().version()));
    }

    @Test
    void anEventThatRepeatsSaysWhenItBegan() {
        harness.apply("chat", "{apps: [{id: a, credentialsSecret: nowhere}]}");
        assertNotNull(harness.awaitEvent("Refused").getFirstTimestamp());
    }

    /** Applications that wait are not polled: none is asked about while others come and are dealt with. */
    @Test
    void appsOfAPausedClusterCostNoRequests() {
        harness.apply("chat", "{}", "reverb.dev/paused: 'true'");
        AtomicInteger requests = new AtomicInteger();
        try (KubernetesClient counted = new KubernetesClientBuilder().withConfig(harness.client.getConfiguration())
                .withHttpClientBuilderConsumer(builder -> builder.addOrReplaceInterceptor("count", new Interceptor() {
                    @Override
                    public void before(BasicBuilder request, HttpRequest http, RequestTags tags) {
                        if (http.uri().getPath().contains("shop-")) {
                            requests.incrementAndGet();
                        }
                    }
                }))
                .build()) {
            harness.restart(Map.of("REVERB_OPERATOR_POLL", "15s"), counted);
            for (int i = 0; i < 20; i++) {
                app("shop-" + i);
            }
            for (int i = 0; i < 20; i++) {
                harness.awaitApp(harness.namespace, "shop-" + i, "ClusterPaused");
            }
            assertTrue(requests.get() > 0, "requests are not counted");
            requests.set(0);
            for (int i = 0; i < 20; i++) {
                app("later-" + i);
                harness.awaitApp(harness.namespace, "later-" + i, "ClusterPaused");
            }
            assertEquals(0, requests.get());
            harness.restart(Map.of());
        }
    }

    private void app(String name) {
        harness.applyYaml("""
            apiVersion: reverb.dev/v1
            kind: ReverbApp
            metadata: {name: %s, namespace: %s}
            spec: {clusterRef: {name: chat}}
            """.formatted(name, harness.namespace));
    }
}
