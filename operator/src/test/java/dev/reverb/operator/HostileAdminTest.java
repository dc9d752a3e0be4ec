package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.AppStatus;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.crd.ReverbClusterStatus;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an administrator of a cluster may write and do: it ends in force, or in a condition that names the field. */
class HostileAdminTest {
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

    private Secret secret(String name) {
        return harness.client.secrets().inNamespace(harness.namespace).withName(name).require();
    }

    private void give(String name, Map<String, byte[]> values) {
        SecretBuilder secret = new SecretBuilder().withNewMetadata()
                .withName(name)
                .withNamespace(harness.namespace)
                .endMetadata();
        values.forEach((key, value) -> secret.addToData(key, Base64.getEncoder().encodeToString(value)));
        harness.client.resource(secret.build()).fieldManager("user").forceConflicts().serverSideApply();
    }

    private List<String> apps() {
        ReverbClusterStatus status = harness.cluster("chat").getStatus();
        return ClusterPlan.orEmpty(status == null ? null : status.apps()).stream().map(AppStatus::id).toList();
    }

    private String file() {
        return Credentials.value(secret("chat-config").getData(), "reverb.yaml").orElse("");
    }

    @Test
    void aStatusThatSomebodyWritesOverIsWrittenAgain() {
        harness.apply("chat", "{replicas: 2, " + QUICK + "}");
        kubelet.run();
        harness.awaitCondition("chat", "Progressing", "False", "Stable");
        Resource<ReverbCluster> chat = harness.client.resources(ReverbCluster.class)
                .inNamespace(harness.namespace)
                .withName("chat");
        ApiServer.await("somebody wrote over it", () -> {
            try {
                chat.editStatus(cluster -> {
                    Objects.requireNonNull(cluster.getStatus().conditions())
                            .stream()
                            .filter(condition -> condition.getType().equals("Ready"))
                            .forEach(condition -> condition.setStatus("False"));
                    return cluster;
                });
                return true;
            } catch (KubernetesClientException e) {
                return false; // the operator was faster
            }
        });
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
    }

    @Test
    void oddSecretsAreNamedAndReachNoServer() {
        give("lines", Map.of("password", "one\ntwo".getBytes(StandardCharsets.UTF_8), "url",
                "redis://r?database=x".getBytes(StandardCharsets.UTF_8)));
        give("bytes", Map.of("password", new byte[]{(byte) 0xff, 0, 1}, "key", "a-key".getBytes(StandardCharsets.UTF_8),
                "secret", new byte[]{(byte) 0xc3, 0x28}));
        give("empty", Map.of("password", new byte[0], "key", " \n".getBytes(StandardCharsets.UTF_8), "secret",
                "s".getBytes(StandardCharsets.UTF_8)));
        give("half", Map.of("tls.crt", "no certificate".getBytes(StandardCharsets.UTF_8)));
        give("long", Map.of("key", "k".repeat(201).getBytes(StandardCharsets.UTF_8), "secret",
                "s".repeat(1001).getBytes(StandardCharsets.UTF_8)));
        give("spelt",
                Map.of("REVERB_APP_KEY", "good\n".getBytes(StandardCharsets.UTF_8), "REVERB_APP_SECRET",
                        " sécret ".getBytes(StandardCharsets.UTF_8), "REVERB_APP_PREVIOUS_SECRETS",
                        ",,a , b,".getBytes(StandardCharsets.UTF_8)));
        String field = "spec.redis.managed.passwordSecret: ";
        for (String name : List.of("lines", "bytes")) {
            harness.apply(name, "{redis: {managed: {passwordSecret: {name: " + name + "}}}}");
            String message = harness.awaitCondition(name, "Degraded", "True", "RedisSecretInvalid").getMessage();
            assertTrue(message.startsWith(field), message);
        }
        harness.apply("empty", "{redis: {managed: {passwordSecret: {name: empty}}}}");
        assertTrue(harness.awaitCondition("empty", "Degraded", "True", "RedisSecretMissing")
                .getMessage()
                .startsWith(field));
        harness.apply("outside", "{redis: {external: {urlSecret: {name: lines}}}}");
        assertTrue(harness.awaitCondition("outside", "Degraded", "True", "RedisSecretInvalid")
                .getMessage()
                .startsWith("spec.redis.external.urlSecret: "));
        harness.apply("watched", "{redis: {external: {sentinel: {master: m, nodes: ['a:1'], passwordSecret:"
                + " {name: lines}}, passwordSecret: {name: bytes}}}}");
        String both = harness.awaitCondition("watched", "Degraded", "True", "RedisSecretInvalid").getMessage();
        assertTrue(both.contains("spec.redis.external.passwordSecret: ")
                && both.contains("spec.redis.external.sentinel.passwordSecret: "), both);
        harness.apply("half", "{tls: {secretName: half}}");
        String half = harness.awaitCondition("half", "Degraded", "True", "TlsSecretInvalid").getMessage();
        assertTrue(half.startsWith("spec.tls: ") && half.contains("tls.key"), half);
        harness.apply("chat", "{apps: [{id: a, credentialsSecret: bytes}, {id: b, credentialsSecret: empty},"
                + " {id: c, credentialsSecret: long}, {id: d, credentialsSecret: spelt}]}");
        ApiServer.await("the good one", () -> apps().equals(List.of("d")));
        String all = harness.condition("chat", "Degraded").orElseThrow().getMessage();
        assertTrue(all.contains("spec.apps[0]") && all.contains("UTF-8") && all.contains("spec.apps[1]")
                && all.contains("spec.apps[2]"), all);
        assertTrue(file().contains("sécret") && !file().contains("a-key"), file());
    }

    @Test
    void theSecretOfOneApplicationIsNotTakenForAnother() {
        harness.apply("chat",
                "{apps: [{id: a}, {id: b, credentialsSecret: chat-a}, {id: c, credentialsSecret:" + " chat-config}]}");
        // the Secrets are made by the first reconcile, and seen by a later one
        for (String said : List.of("spec.apps[2].credentialsSecret: the Secret chat-config lacks",
                "spec.apps[1]: the app b has the key of another app")) {
            ApiServer.await(said,
                    () -> harness.condition("chat", "Degraded")
                            .filter(degraded -> degraded.getMessage().contains(said))
                            .orElse(null));
        }
        ApiServer.await("a alone", () -> apps().equals(List.of("a")));
    }

    @Test
    void anIngressThatSomebodyHoldsIsMadeAgainOnceItIsLetGo() {
        String with = "{replicas: 2, " + QUICK + ", ingress: {host: a.example.com}}";
        harness.apply("chat", with);
        kubelet.run();
        harness.awaitCondition("chat", "Progressing", "False", "Stable");
        Resource<Ingress> ingress = harness.client.network()
                .v1()
                .ingresses()
                .inNamespace(harness.namespace)
                .withName("chat");
        ApiServer.edit(ingress,
                found -> new IngressBuilder(found).editMetadata()
                        .addToFinalizers("example.com/hold")
                        .endMetadata()
                        .build());
        String uid = ingress.require().getMetadata().getUid();
        harness.apply("chat", "{replicas: 2, " + QUICK + "}");
        ApiServer.await("it is being deleted", () -> ingress.require().getMetadata().getDeletionTimestamp() != null);
        harness.apply("chat", with);
        harness.awaitCondition("chat", "Progressing", "False", "Stable");
        ApiServer.edit(ingress,
                found -> new IngressBuilder(found).editMetadata().withFinalizers(List.of()).endMetadata().build());
        ApiServer.await("another one",
                () -> ingress.get() != null && !ingress.require().getMetadata().getUid().equals(uid));
        assertTrue(harness.events("Removed").size() <= 1, "removed again and again");
    }

    @Test
    void annotationsThatMeanNothingChangeNothing() {
        harness.apply("chat", "{replicas: 2, " + QUICK + "}",
                "reverb.dev/paused: 'yes', reverb.dev/upgrade: maybe, reverb.dev/allow-outage: 'ü,,tls redis',"
                        + " reverb.dev/rotate: ',', reverb.dev/rotate-overlap: banana");
        kubelet.run();
        harness.awaitCondition("chat", "Progressing", "False", "Stable");
        String before = String.valueOf(secret("chat-app").getData());
        harness.apply("chat", "{replicas: 2, " + QUICK + "}", "reverb.dev/rotate: '" + "x".repeat(10_000)
                + "', reverb.dev/rotate-overlap: '" + "999999h".repeat(900) + "'");
        harness.awaitEvent("SecretRotated");
        ApiServer.await("rotated once", () -> !String.valueOf(secret("chat-app").getData()).equals(before));
        String after = String.valueOf(secret("chat-app").getData());
        harness.apply("chat", "{replicas: 3, " + QUICK + "}", "reverb.dev/rotate: '" + "x".repeat(10_000)
                + "', reverb.dev/rotate-overlap: '" + "999999h".repeat(900) + "'");
        ApiServer.await("three servers", () -> kubelet.pods().size() == 3);
        assertEquals(after, String.valueOf(secret("chat-app").getData()));
        assertEquals("False", harness.condition("chat", "Degraded").orElseThrow().getStatus());
    }
}
