package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.operator.plan.Credentials;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a team may do with its own applications and Secrets: the others' stay as they are. */
class HostileTenantTest {
    private static final String QUICK = "replicas: 2, rollout: {settleTimeout: 1s}";
    private Harness harness;
    private Kubelet kubelet;
    private String team;

    @BeforeEach
    void start() {
        harness = new Harness();
        team = ApiServer.namespace();
        harness.restart(Map.of("REVERB_OPERATOR_NAMESPACES", harness.namespace + "," + team));
        kubelet = new Kubelet(harness.namespace, "chat").run();
        harness.apply("chat", "{" + QUICK + ", appNamespaces: [" + team + "]}");
    }

    @AfterEach
    void stop() {
        kubelet.close();
        harness.close();
    }

    private void app(String name, String more) {
        app(name, harness.namespace, "chat", more, "");
    }

    private void app(String name, String namespace, String cluster, String more, String annotations) {
        harness.applyYaml("""
            apiVersion: reverb.dev/v1
            kind: ReverbApp
            metadata: {name: %s, namespace: %s, annotations: {%s}}
            spec: {clusterRef: {name: %s, namespace: %s}%s}
            """.formatted(name, team, annotations, cluster, namespace, more.isEmpty() ? "" : ", " + more));
    }

    private Secret secret(String name) {
        return harness.client.secrets().inNamespace(team).withName(name).require();
    }

    private void give(String name, String key) {
        harness.client.resource(new SecretBuilder().withNewMetadata()
                .withName(name)
                .withNamespace(team)
                .endMetadata()
                .addToData("key", Credentials.encode(key))
                .addToData("secret", Credentials.encode("a-secret"))
                .build()).fieldManager("user").forceConflicts().serverSideApply();
    }

    private String message(String name) {
        ReverbApp app = harness.client.resources(ReverbApp.class).inNamespace(team).withName(name).require();
        return Objects.requireNonNull(app.getStatus().conditions()).getFirst().getMessage();
    }

    private String file() {
        return Credentials.value(
                harness.client.secrets().inNamespace(harness.namespace).withName("chat-config").require().getData(),
                "reverb.yaml").orElse("");
    }

    private void gone(String name) {
        ApiServer.await(name + " is gone",
                () -> harness.client.resources(ReverbApp.class).inNamespace(team).withName(name).get() == null);
    }

    @Test
    void aClusterThatComesGoesAndComesAgainServesItWithTheSameKey() {
        app("shop", harness.namespace, "later", "", "");
        harness.awaitApp(team, "shop", "ClusterMissing");
        try (Kubelet later = new Kubelet(harness.namespace, "later").run()) {
            harness.apply("later", "{" + QUICK + ", appNamespaces: ['*']}");
            harness.awaitApp(team, "shop", "Attached");
            String key = secret("shop-reverb").getData().get("REVERB_APP_KEY");
            harness.client.resources(ReverbCluster.class).inNamespace(harness.namespace).withName("later").delete();
            harness.awaitApp(team, "shop", "ClusterMissing");
            // no garbage is collected here: what the first one owned stands in the way of the second
            Owned.all(harness.client, harness.namespace)
                    .stream()
                    .filter(object -> object.getMetadata()
                            .getOwnerReferences()
                            .stream()
                            .anyMatch(owner -> owner.getName().equals("later")))
                    .forEach(object -> harness.client.resource(object).withGracePeriod(0).delete());
            later.pods().forEach(later::delete);
            harness.apply("later", "{" + QUICK + ", appNamespaces: ['*']}");
            harness.awaitApp(team, "shop", "Attached");
            assertEquals(key, secret("shop-reverb").getData().get("REVERB_APP_KEY"));
        }
        harness.client.resources(ReverbApp.class).inNamespace(team).withName("shop").delete();
        gone("shop");
    }

    @Test
    void aNamespaceThatMayNoLongerAttachIsLetGoAndComesBackWithItsKey() {
        app("shop", "");
        harness.awaitApp(team, "shop", "Attached");
        String key = Credentials.value(secret("shop-reverb").getData(), "REVERB_APP_KEY").orElseThrow();
        harness.apply("chat", "{" + QUICK + ", appNamespaces: []}");
        harness.awaitApp(team, "shop", "NamespaceNotAllowed");
        ApiServer.await("it is taken out", () -> !file().contains(key));
        harness.apply("chat", "{" + QUICK + ", appNamespaces: ['*']}");
        harness.awaitApp(team, "shop", "Attached");
        assertTrue(file().contains(key), file());
    }

    @Test
    void aSecretThatNobodyMayChangeIsServedAsItIs() {
        app("shop", "");
        harness.awaitApp(team, "shop", "Attached");
        ApiServer.edit(harness.client.secrets().inNamespace(team).withName("shop-reverb"),
                secret -> new SecretBuilder(secret).withImmutable(true).build());
        harness.apply("chat", "{" + QUICK + ", appNamespaces: ['*'], ingress: {host: w.example.com}}");
        ApiServer.await("the new address",
                () -> "wss://w.example.com".equals(url("shop")) || "ws://w.example.com".equals(url("shop")));
        harness.awaitApp(team, "shop", "Attached");
        // a rotation cannot be: it is said, and what is served stays
        app("shop", harness.namespace, "chat", "", "reverb.dev/rotate: now");
        harness.awaitApp(team, "shop", "ApiServerRefused");
        assertTrue(message("shop").contains("the Secret shop-reverb: ") && message("shop").contains("served as it was"),
                message("shop"));
        app("shop", harness.namespace, "chat", "", "");
        harness.awaitApp(team, "shop", "Attached");
    }

    private String url(String name) {
        return String.valueOf(
                harness.client.resources(ReverbApp.class).inNamespace(team).withName(name).require().getStatus().url());
    }

    @Test
    void aSecretThatMayNotBeMadeIsNamedAndMadeLater() {
        String policy = "no-secrets-" + team;
        harness.deny(policy, team, "{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [secrets]}",
                "no Secrets here");
        ApiServer.await("the policy is in force", () -> {
            try {
                give("probe", "k");
                harness.client.secrets().inNamespace(team).withName("probe").delete();
                return false;
            } catch (KubernetesClientException _) {
                return true;
            }
        });
        app("shop", "");
        harness.awaitApp(team, "shop", "ApiServerRefused");
        assertTrue(message("shop").contains("no Secrets here") && message("shop").endsWith("; the app is not served"),
                message("shop"));
        harness.client.resources(ValidatingAdmissionPolicyBinding.class).withName(policy).delete();
        app("shop", harness.namespace, "chat", "maxConnections: 5", "");
        ApiServer.await("a Secret may be made again", () -> {
            app("shop", harness.namespace, "chat", "", "a: " + System.nanoTime());
            return harness.client.secrets().inNamespace(team).withName("shop-reverb").get() != null;
        });
        harness.awaitApp(team, "shop", "Attached");
    }

    @Test
    void aSecretOfSomebodyElseIsNotTakenOver() {
        give("shop-reverb", "theirs");
        app("shop", "");
        harness.awaitApp(team, "shop", "NameCollision");
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
        assertFalse(file().contains("theirs"), file());
        app("shop", "credentialsSecret: shop-reverb");
        harness.awaitApp(team, "shop", "Attached");
        assertTrue(file().contains("theirs"), file());
        // two applications with one Secret have one key: the second one waits
        app("other", "credentialsSecret: shop-reverb");
        harness.awaitApp(team, "other", "DuplicateKey");
        harness.awaitApp(team, "shop", "Attached");
        harness.client.resources(ReverbApp.class).inNamespace(team).withName("shop").delete();
        gone("shop");
        harness.awaitApp(team, "other", "Attached");
    }

    @Test
    void idsOfOthersAreRefusedHoweverTheyAreWritten() {
        app("first", "id: " + team + ".x");
        harness.awaitApp(team, "first", "Attached");
        for (Map.Entry<String, String> id : Map
                .of("a-b", harness.namespace + ".x", "a-c", "other.x", "a-d", "app", "a-e", "plain", "a-f",
                        team + "x.y", "a-g", "." + team, "a-h", team)
                .entrySet()) {
            app(id.getKey(), "id: '" + id.getValue() + "'");
            ApiServer.await(id + " is refused", () -> {
                ReverbApp found = harness.client.resources(ReverbApp.class)
                        .inNamespace(team)
                        .withName(id.getKey())
                        .require();
                return found.getStatus() != null && List.of("IdNotAllowed", "IdTaken")
                        .contains(Objects.requireNonNull(found.getStatus().conditions()).getFirst().getReason());
            });
        }
        app("second", "id: " + team + ".x");
        harness.awaitApp(team, "second", "IdTaken");
        harness.client.resources(ReverbApp.class).inNamespace(team).withName("first").delete();
        gone("first");
        harness.awaitApp(team, "second", "Attached");
        // where the cluster lets them, plain ids are free, and those of other namespaces still are not
        harness.apply("chat", "{" + QUICK + ", appNamespaces: ['*'], appIds: any}");
        harness.awaitApp(team, "a-e", "Attached");
        harness.awaitApp(team, "a-h", "Attached");
        harness.awaitApp(team, "a-c", "IdNotAllowed");
        harness.awaitApp(team, "a-d", "IdTaken");
    }

    @Test
    void theLongestNamesAreServed() {
        String name = "n".repeat(63);
        app(name, "");
        harness.awaitApp(team, name, "Attached");
        assertEquals(team + "." + name,
                Credentials.value(secret(name + "-reverb").getData(), "REVERB_APP_ID").orElse(""));
        String secret = "s".repeat(253);
        give(secret, "long");
        app("other", "id: '" + team + "." + "i".repeat(199 - team.length()) + "', credentialsSecret: " + secret);
        harness.awaitApp(team, "other", "Attached");
    }

    @Test
    void anotherResourceOfTheSameNameTakesItsPlace() {
        app("shop", "");
        harness.awaitApp(team, "shop", "Attached");
        String key = secret("shop-reverb").getData().get("REVERB_APP_KEY");
        for (int i = 0; i < 3; i++) {
            harness.client.resources(ReverbApp.class).inNamespace(team).withName("shop").delete();
            gone("shop");
            app("shop", i == 1 ? "id: " + team + ".other" : "");
            harness.awaitApp(team, "shop", "Attached");
            assertEquals(key, secret("shop-reverb").getData().get("REVERB_APP_KEY"));
        }
    }

    @Test
    void aFinalizerOfSomebodyElseHoldsTheResourceAndNotItsPlace() {
        app("shop", "");
        harness.awaitApp(team, "shop", "Attached");
        String key = Credentials.value(secret("shop-reverb").getData(), "REVERB_APP_KEY").orElseThrow();
        var shop = harness.client.resources(ReverbApp.class).inNamespace(team).withName("shop");
        ApiServer.edit(shop, app -> {
            ReverbApp copy = app.copy();
            copy.addFinalizer("example.com/hold");
            return copy;
        });
        shop.delete();
        ApiServer.await("it is taken out", () -> !file().contains(key));
        ApiServer.await("its own finalizer goes",
                () -> shop.require().getFinalizers().equals(List.of("example.com/hold")));
        ApiServer.edit(shop, app -> {
            ReverbApp copy = app.copy();
            copy.removeFinalizer("example.com/hold");
            return copy;
        });
        gone("shop");
    }

    @Test
    void aNamespaceThatGoesTakesItsApplicationsAlong() {
        app("shop", "");
        harness.awaitApp(team, "shop", "Attached");
        String key = Credentials.value(secret("shop-reverb").getData(), "REVERB_APP_KEY").orElseThrow();
        // nobody empties a namespace here: its end begins with the deletion of what is in it
        harness.client.namespaces()
                .resource(new NamespaceBuilder().withNewMetadata().withName(team).endMetadata().build())
                .delete();
        harness.client.secrets().inNamespace(team).delete();
        harness.client.resources(ReverbApp.class).inNamespace(team).delete();
        gone("shop");
        ApiServer.await("it is taken out", () -> !file().contains(key));
        harness.awaitCondition("chat", "Degraded", "False", "AsDesired");
    }
}
