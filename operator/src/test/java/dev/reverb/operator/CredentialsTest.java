package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.operator.plan.Credentials;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An application keeps its key and secret whatever happens to the Secrets that hold them. */
class CredentialsTest extends TwoNamespaces {
    private void attach(String name, String more, String annotations) {
        harness.applyYaml("""
            apiVersion: reverb.dev/v1
            kind: ReverbApp
            metadata: {name: %s, namespace: %s, annotations: {%s}}
            spec: {clusterRef: {name: chat, namespace: %s}%s}
            """.formatted(name, team, annotations, harness.namespace, more));
    }

    private void awaitApp(String name, String reason) {
        harness.awaitApp(team, name, reason);
    }

    private Secret secret(String namespace, String name) {
        return ApiServer.await("the Secret " + name,
                () -> harness.client.secrets().inNamespace(namespace).withName(name).get());
    }

    private static String value(Secret secret, String key) {
        return Credentials.value(secret.getData(), key).orElse("");
    }

    private String file() {
        return value(secret(harness.namespace, "chat-config"), "reverb.yaml");
    }

    private Secret create(String namespace, String name, String key, String value) {
        return harness.client.secrets()
                .resource(new SecretBuilder().withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .addToData("key", Credentials.encode(key))
                        .addToData("secret", Credentials.encode(value))
                        .build())
                .create();
    }

    /** Deletes the Secret and waits for another one of its name. */
    private Secret lose(Secret secret) {
        harness.client.resource(secret).delete();
        return ApiServer.await("another Secret " + secret.getMetadata().getName(), () -> {
            Secret found = harness.client.resource(secret).get();
            return found == null || found.getMetadata().getUid().equals(secret.getMetadata().getUid())
                    || !found.getData().containsKey("REVERB_HOST") ? null : found;
        });
    }

    @Test
    void aLostSecretOfAClustersAppIsRestored() {
        harness.apply("chat", "{}");
        ApiServer.await("the app is served", () -> file().contains("app_id"));
        String before = file();
        Secret lost = secret(harness.namespace, "chat-app");
        assertEquals(lost.getData(), lose(lost).getData());
        assertEquals(before, file());
        assertTrue(harness.awaitEvent("SecretRestored").getMessage().contains("chat-app"));
        assertTrue(harness.events("AppsReloaded").isEmpty());
    }

    @Test
    void aLostSecretOfTheManagedRedisIsRestored() {
        harness.apply("chat", "{}");
        ApiServer.await("the password is kept",
                () -> secret(harness.namespace, "chat-config").getData().containsKey("redis-password"));
        Secret lost = secret(harness.namespace, "chat-redis");
        harness.client.resource(lost).delete();
        assertEquals(lost.getData(), secret(harness.namespace, "chat-redis").getData());
        assertTrue(harness.awaitEvent("SecretRestored").getMessage().contains("chat-redis"));
        harness.client.secrets()
                .inNamespace(harness.namespace)
                .withName("chat-redis")
                .edit(secret -> new SecretBuilder(secret).removeFromData("password").build());
        ApiServer.await("the password is back",
                () -> secret(harness.namespace, "chat-redis").getData().equals(lost.getData()));
    }

    @Test
    void aLostSecretOfAnAttachedAppIsRestored() {
        harness.apply("chat", "{appNamespaces: [" + team + "]}");
        attach("shop", "", "");
        awaitApp("shop", "Attached");
        String before = file();
        Secret lost = secret(team, "shop-reverb");
        assertEquals(lost.getData(), lose(lost).getData());
        assertEquals(before, file());
    }

    @Test
    void allSecretsThatAreLostAtOnceAreRestored() {
        harness.apply("chat", "{appNamespaces: [" + team + "]}");
        attach("shop", "", "");
        awaitApp("shop", "Attached");
        List<Secret> lost = List.of(secret(harness.namespace, "chat-app"), secret(harness.namespace, "chat-redis"),
                secret(harness.namespace, "chat-config"), secret(team, "shop-reverb"));
        harness.client.secrets().inNamespace(team).delete();
        harness.client.secrets().inNamespace(harness.namespace).delete();
        for (Secret secret : lost) {
            ApiServer.await("another Secret " + secret.getMetadata().getName(), () -> {
                Secret found = harness.client.resource(secret).get();
                return found != null && !found.getMetadata().getUid().equals(secret.getMetadata().getUid())
                        && found.getData().equals(secret.getData());
            });
        }
        assertTrue(harness.events("AppsReloaded").isEmpty());
        assertTrue(harness.events("RedisPasswordChanged").isEmpty());
    }

    @Test
    void aGivenSecretThatIsAwayForAWhileChangesNothingThatIsServed() {
        create(team, "given", "k1", "s1");
        harness.apply("chat", "{appNamespaces: [" + team + "]}");
        attach("shop", ", credentialsSecret: given", "");
        awaitApp("shop", "Attached");
        String before = file();
        harness.client.secrets().inNamespace(team).withName("given").delete();
        awaitApp("shop", "AppSecretMissing");
        assertEquals(before, file());
        create(team, "given", "k1", "s2");
        awaitApp("shop", "Attached");
        assertTrue(file().contains("\"s2\""), file());
    }

    /** Plays the garbage collector: what belongs to {@code uid} goes, and pods whose StatefulSet is gone. */
    private void collect(String uid) {
        Owned.all(harness.client, harness.namespace)
                .stream()
                .filter(object -> ownedBy(object, Set.of(uid)))
                .forEach(object -> harness.client.resource(object).delete());
        Set<String> sets = harness.client.apps()
                .statefulSets()
                .inNamespace(harness.namespace)
                .list()
                .getItems()
                .stream()
                .map(set -> set.getMetadata().getUid())
                .collect(Collectors.toSet());
        harness.client.pods()
                .inNamespace(harness.namespace)
                .list()
                .getItems()
                .stream()
                .filter(pod -> !ownedBy(pod, sets))
                .forEach(pod -> harness.client.resource(pod).withGracePeriod(0).delete());
    }

    private static boolean ownedBy(HasMetadata object, Set<String> uids) {
        return object.getMetadata().getOwnerReferences().stream().anyMatch(owner -> uids.contains(owner.getUid()));
    }

    @Test
    void aClusterOfTheSameNameHasTheSameCredentials() {
        harness.apply("chat", "{appNamespaces: [" + team + "]}");
        attach("shop", "", "");
        awaitApp("shop", "Attached");
        Map<String, String> own = secret(harness.namespace, "chat-app").getData();
        Map<String, String> attached = secret(team, "shop-reverb").getData();
        String uid = harness.cluster("chat").getMetadata().getUid();
        harness.client.resources(ReverbApp.class).inNamespace(team).withName("shop").delete();
        harness.client.resources(ReverbCluster.class).inNamespace(harness.namespace).withName("chat").delete();
        ApiServer.await("the cluster is gone",
                () -> harness.client.resources(ReverbCluster.class)
                        .inNamespace(harness.namespace)
                        .withName("chat")
                        .get() == null);
        collect(uid);
        assertEquals(List.of(), secret(harness.namespace, "chat-app").getMetadata().getOwnerReferences());
        harness.apply("chat", "{appNamespaces: [" + team + "]}");
        attach("shop", "", "");
        // a reconcile of the first cluster that was under way may write once more, and what it writes is collected too
        ApiServer.await("shop is Attached", () -> {
            collect(uid);
            ReverbApp shop = harness.client.resources(ReverbApp.class).inNamespace(team).withName("shop").get();
            return shop.getStatus() != null
                    && Objects.requireNonNull(shop.getStatus().conditions()).getFirst().getReason().equals("Attached");
        });
        assertEquals(own, secret(harness.namespace, "chat-app").getData());
        assertEquals(attached, secret(team, "shop-reverb").getData());
        assertTrue(file().contains(Credentials.value(own, "REVERB_APP_KEY").orElseThrow()), file());
    }

    @Test
    void anAnnotationRotatesTheSecretAndTheOldOneIsAcceptedForAWhile() {
        harness.apply("chat", "{appNamespaces: [" + team + "]}");
        attach("shop", "", "");
        awaitApp("shop", "Attached");
        Secret before = secret(team, "shop-reverb");
        attach("shop", "", "reverb.dev/rotate: '2026-11-30', reverb.dev/rotate-overlap: 5s");
        ApiServer.await("both secrets are served", () -> file().contains("previous_secrets")
                && file().contains(value(secret(team, "shop-reverb"), "REVERB_APP_SECRET")));
        Secret after = secret(team, "shop-reverb");
        assertEquals(value(before, "REVERB_APP_KEY"), value(after, "REVERB_APP_KEY"));
        assertNotEquals(value(before, "REVERB_APP_SECRET"), value(after, "REVERB_APP_SECRET"));
        assertEquals(value(before, "REVERB_APP_SECRET"), value(after, "REVERB_APP_PREVIOUS_SECRETS"));
        ApiServer.await("the status says until when", () -> {
            ReverbApp app = harness.client.resources(ReverbApp.class).inNamespace(team).withName("shop").require();
            return app.getStatus() != null && app.getStatus().previousSecretUntil() != null
                    && app.getStatus().rotatedAt() != null;
        });
        ApiServer.await("the old secret is dropped", () -> !file().contains("previous_secrets"));
        assertEquals(value(after, "REVERB_APP_SECRET"), value(secret(team, "shop-reverb"), "REVERB_APP_SECRET"));
        assertFalse(harness.client.v1()
                .events()
                .inNamespace(team)
                .list()
                .getItems()
                .stream()
                .filter(event -> event.getReason().equals("SecretRotated"))
                .toList()
                .isEmpty());
    }

    @Test
    void whoServesAKeyKeepsItAndTheLaterClaimantIsRefused() {
        create(team, "thief", "k-own", "s-own");
        create(team, "owner", "k-public", "s-owner");
        harness.apply("chat", "{appNamespaces: [" + team + "]}");
        attach("a-thief", ", credentialsSecret: thief", "");
        awaitApp("a-thief", "Attached");
        attach("owner", ", credentialsSecret: owner", "");
        awaitApp("owner", "Attached");
        String before = file();
        harness.client.secrets()
                .inNamespace(team)
                .withName("thief")
                .edit(secret -> new SecretBuilder(secret).addToData("key", Credentials.encode("k-public")).build());
        awaitApp("a-thief", "DuplicateKey");
        assertEquals(before, file());
        awaitApp("owner", "Attached");
        // a restart decides the same
        harness.restart(Map.of("REVERB_OPERATOR_NAMESPACES", harness.namespace + "," + team));
        harness.apply("chat", "{appNamespaces: [" + team + "], apps: [{id: app}, {id: more}]}");
        ApiServer.await("the new app is served", () -> file().contains("app_id: \"more\""));
        assertTrue(file().contains("\"s-owner\"") && file().contains("\"k-own\""), file());
    }

    @Test
    void anIdOfAnotherNamespaceIsRefusedAndItsOwnIsFree() {
        harness.apply("chat", "{appNamespaces: ['*']}");
        attach("thief", ", id: 'other.shop'", "");
        awaitApp("thief", "IdNotAllowed");
        attach("short", ", id: 'shop'", "");
        awaitApp("short", "IdNotAllowed");
        attach("mine", ", id: '" + team + ".1'", "");
        awaitApp("mine", "Attached");
        harness.apply("chat", "{appNamespaces: ['*'], appIds: any}");
        awaitApp("short", "Attached");
        awaitApp("thief", "IdNotAllowed");
    }

    @Test
    void whatTheCachesDoNotKnowIsNotDropped() {
        harness.apply("chat", "{appNamespaces: [" + team + "]}");
        attach("shop", "", "");
        awaitApp("shop", "Attached");
        harness.restart(Map.of());
        harness.apply("chat", "{appNamespaces: [" + team + "], apps: [{id: app}, {id: more}]}");
        ApiServer.await("the new app is served", () -> file().contains("app_id: \"more\""));
        assertTrue(file().contains(team + ".shop"), file());
    }
}
