package dev.reverb.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.e2e.cluster.Installation;
import dev.reverb.e2e.cluster.ReverbClusters;
import dev.reverb.e2e.cluster.Shell;
import dev.reverb.testkit.Await;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Faults that an operator has to bear, one a test, each under clients and a publisher that must notice nothing. The
 * table of them is printed at the end, and written to {@code e2e/target/fault-table.md}.
 */
@ExtendWith(InstalledOperator.class)
class FaultTableTest {
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final String CREDENTIALS = "calm-redis";
    private static final String REDIS = "calm-redis-0";
    private static final String APP = "calm-app";
    private static final String CONFIG = "calm-config";

    @AfterAll
    static void print() throws IOException {
        FaultTrial.leave();
        System.out.println(FaultTrial.table());
        Path file = Shell.repository().resolve("e2e/target/fault-table.md");
        Files.createDirectories(file.getParent());
        Files.writeString(file, FaultTrial.table());
    }

    @Test
    void theSecretOfRedisIsDeleted(Installation installation) {
        try (FaultTrial trial = FaultTrial.begin(installation, "Secret of the managed Redis deleted")) {
            String before = password(trial);
            delete(trial, CREDENTIALS);
            trial.finish(() -> before.equals(password(trial)), 0);
        }
    }

    @Test
    void thePodAndTheSecretOfRedisAreDeleted(Installation installation) {
        try (FaultTrial trial = FaultTrial.begin(installation, "Pod and Secret of the managed Redis deleted at once")) {
            String before = password(trial);
            String uid = uid(trial.clusters(), REDIS);
            delete(trial, CREDENTIALS);
            deletePod(trial.clusters(), REDIS);
            trial.finish(() -> before.equals(password(trial)) && readyAnother(trial.clusters(), REDIS, uid), 0);
        }
    }

    @Test
    void theSecretOfAnApplicationIsDeleted(Installation installation) {
        try (FaultTrial trial = FaultTrial.begin(installation, "Secret of an application deleted")) {
            String before = key(trial);
            delete(trial, APP);
            trial.finish(() -> before.equals(key(trial)), 0);
        }
    }

    @Test
    void allSecretsAreDeletedAtOnce(Installation installation) {
        try (FaultTrial trial = FaultTrial.begin(installation, "All Secrets of the namespace deleted at once")) {
            String key = key(trial);
            String password = password(trial);
            String file = secret(trial.clusters(), CONFIG, "reverb.yaml");
            trial.clusters().client().secrets().inNamespace(trial.clusters().namespace()).delete();
            trial.finish(() -> key.equals(key(trial)) && password.equals(password(trial))
                    && file.equals(secret(trial.clusters(), CONFIG, "reverb.yaml")), 0);
        }
    }

    @Test
    void aSecretIsDeletedWhileTheOperatorIsAway(Installation installation) {
        try (FaultTrial trial = FaultTrial.begin(installation,
                "Operator away for 20 s, an application's Secret deleted meanwhile")) {
            String before = key(trial);
            installation.operators(0);
            delete(trial, APP);
            Await.pass(Duration.ofSeconds(20));
            installation.operators(1);
            trial.operatorsAreOthers();
            trial.mended();
            trial.finish(() -> before.equals(key(trial)), 0);
        }
    }

    @Test
    void thePodOfRedisIsDeleted(Installation installation) {
        try (FaultTrial trial = FaultTrial.begin(installation, "Pod of the managed Redis deleted")) {
            String uid = uid(trial.clusters(), REDIS);
            deletePod(trial.clusters(), REDIS);
            trial.finish(() -> readyAnother(trial.clusters(), REDIS, uid), 0);
        }
    }

    @Test
    void thePasswordOfRedisIsChangedAndItsPodDeleted(Installation installation) {
        try (FaultTrial trial = FaultTrial.begin(installation,
                "Password of the managed Redis changed, its pod deleted afterwards")) {
            String changed = "another-" + password(trial);
            String uid = uid(trial.clusters(), REDIS);
            trial.clusters()
                    .client()
                    .secrets()
                    .inNamespace(trial.clusters().namespace())
                    .withName(CREDENTIALS)
                    .edit(secret -> new SecretBuilder(secret).withStringData(Map.of("password", changed)).build());
            Await.until("the servers' configuration to have it", SOON,
                    () -> trial.clusters().secret(CONFIG).values().stream().anyMatch(text -> text.contains(changed)),
                    () -> "the password before");
            deletePod(trial.clusters(), REDIS);
            trial.finish(() -> changed.equals(password(trial)) && readyAnother(trial.clusters(), REDIS, uid), 0);
        }
    }

    @Test
    void theImageOfRedisCannotBePulled(Installation installation) {
        try (FaultTrial trial = FaultTrial.begin(installation, "Image of the managed Redis that nobody has")) {
            trial.apply("  redis: {managed: {image: registry.invalid/redis:1}}\n");
            trial.awaitSaid(REDIS + ": ");
            trial.awaitSaid("registry.invalid");
            trial.apply("");
            trial.mended();
            trial.finish(() -> ready(trial.clusters(), REDIS), 0);
        }
    }

    @Test
    void theImageOfServersCannotBePulled(Installation installation) {
        try (FaultTrial trial = FaultTrial.begin(installation, "Image of the servers that nobody has")) {
            rolled(trial, "  image: registry.invalid/reverb/server:1\n", "registry.invalid");
        }
    }

    @Test
    void aQuotaIsTooSmallForWhatServersAskFor(Installation installation) {
        try (FaultTrial trial = FaultTrial.begin(installation, "Servers ask for more CPU than the quota leaves")) {
            trial.clusters().apply("""
                apiVersion: v1
                kind: ResourceQuota
                metadata: {name: small}
                spec: {hard: {requests.cpu: 600m}}
                """);
            try {
                rolled(trial,
                        "  podTemplate: {spec: {containers: [{name: server, resources: {requests: {cpu: 600m}}}]}}\n",
                        "exceeded quota");
            } finally {
                trial.clusters()
                        .client()
                        .resourceQuotas()
                        .inNamespace(trial.clusters().namespace())
                        .withName("small")
                        .delete();
            }
        }
    }

    @Test
    void aPriorityClassDoesNotExist(Installation installation) {
        try (FaultTrial trial = FaultTrial.begin(installation, "A priorityClassName that does not exist")) {
            rolled(trial, "  podTemplate: {spec: {priorityClassName: nope}}\n", "nope");
        }
    }

    /** The first server is drained and cannot come back before the spec is mended; the other one is left alone. */
    private static void rolled(FaultTrial trial, String more, String said) {
        String other = uid(trial.clusters(), "calm-0");
        trial.apply(more);
        trial.awaitSaid(said);
        assertTrue(other.equals(uid(trial.clusters(), "calm-0")), "the other server was replaced too");
        trial.apply("");
        trial.mended();
        trial.finish(() -> trial.clusters().servers(FaultTrial.CLUSTER).size() == 2, FaultTrial.CLIENTS);
    }

    @Test
    void anApplicationHasCredentialsThatNoServerTakes(Installation installation) {
        try (FaultTrial trial = FaultTrial.begin(installation, "ReverbApp with a key that servers refuse")) {
            try {
                credentials(trial, "not/a/key");
                application(trial.clusters(), "wrong", "credentialsSecret: wrong");
                trial.awaitSaid("AppInvalid");
                credentials(trial, "a-key");
                trial.mended();
                trial.finish(() -> served(trial.clusters(), "wrong"), 0);
            } finally {
                forget(trial.clusters(), "wrong");
                delete(trial, "wrong");
            }
        }
    }

    private static void credentials(FaultTrial trial, String key) {
        trial.clusters()
                .apply("apiVersion: v1\nkind: Secret\nmetadata: {name: wrong}\nstringData: {REVERB_APP_KEY: " + key
                        + ", REVERB_APP_SECRET: a-secret}\n");
    }

    /** As where the definitions are of a later release than the operator. */
    @Test
    @NeedsOwnNode("a definition that may be changed")
    void aResourceCannotBeRead(Installation installation) {
        try (FaultTrial trial = FaultTrial.begin(installation, "ReverbApp that the operator cannot read");
                ReverbClusters elsewhere = new ReverbClusters(installation.client())) {
            CustomResourceDefinition definition = installation.client()
                    .apiextensions()
                    .v1()
                    .customResourceDefinitions()
                    .withName("reverbapps.reverb.dev")
                    .require();
            try {
                define(installation, definition, true);
                Await.until("the definition to be in force", SOON, () -> {
                    try {
                        application(trial.clusters(), "poisoned", "maxConnections: 3000000000");
                        return true;
                    } catch (RuntimeException e) {
                        return false;
                    }
                }, () -> "refused");
                application(elsewhere, "poisoned", "maxConnections: a-lot");
                trial.awaitSaid("ReverbApp poisoned Ready False Unreadable");
                application(trial.clusters(), "neighbour", "");
                Await.until("its neighbour to be served", SOON, () -> served(trial.clusters(), "neighbour"),
                        () -> "it is not");
                application(trial.clusters(), "poisoned", "maxConnections: 30");
                trial.mended();
                trial.finish(() -> served(trial.clusters(), "poisoned"), 0);
            } finally {
                forget(elsewhere, "poisoned");
                forget(trial.clusters(), "poisoned");
                forget(trial.clusters(), "neighbour");
                define(installation, definition, false);
            }
        }
    }

    /** Written in the name of the chart's installer, whose next upgrade would find another's fields otherwise. */
    private static void define(Installation installation, CustomResourceDefinition definition, boolean open) {
        CustomResourceDefinition written = new CustomResourceDefinitionBuilder(definition).editMetadata()
                .withManagedFields(List.of())
                .withResourceVersion(null)
                .endMetadata()
                .withStatus(null)
                .build();
        if (open) {
            written.getSpec().getVersions().forEach(version -> {
                var schema = version.getSchema().getOpenAPIV3Schema();
                schema.setXKubernetesValidations(null);
                var spec = Objects.requireNonNull(schema.getProperties().get("spec"));
                spec.setXKubernetesValidations(null);
                spec.setProperties(null);
                spec.setRequired(null);
                spec.setXKubernetesPreserveUnknownFields(true);
            });
        }
        installation.client().resource(written).fieldManager("helm").forceConflicts().serverSideApply();
    }

    @Test
    @NeedsOwnNode("an API server that may be stopped")
    void theApiServerIsAway(Installation installation) {
        // not so long that Kubernetes takes the node for dead
        apiServerIsAway(installation, Duration.ofSeconds(30));
    }

    @Test
    @Tag("long")
    @NeedsOwnNode("an API server that may be stopped")
    void theApiServerIsAwayForThreeMinutes(Installation installation) {
        apiServerIsAway(installation, Duration.ofMinutes(3));
    }

    private static void apiServerIsAway(Installation installation, Duration time) {
        try (FaultTrial trial = FaultTrial.begin(installation, "API server away for " + time.toSeconds() + " s")) {
            installation.kubernetes().apiServer(false);
            try {
                Await.pass(time);
            } finally {
                installation.kubernetes().apiServer(true);
            }
            trial.mended();
            Await.until("the API server to be back", SOON, () -> {
                try {
                    return trial.clusters().cluster(FaultTrial.CLUSTER).get() != null;
                } catch (RuntimeException e) {
                    return false;
                }
            }, () -> "no answer");
            acts(trial);
            trial.finish(() -> true, 0);
        }
    }

    /** The operator brings a change of the spec into force that no server notices. */
    private static void acts(FaultTrial trial) {
        trial.apply("  monitoring: {dashboard: true}\n");
        Await.until("the operator to act", SOON,
                () -> trial.clusters()
                        .client()
                        .configMaps()
                        .inNamespace(trial.clusters().namespace())
                        .withName("calm-dashboard")
                        .get() != null,
                () -> "no dashboard");
    }

    private static void application(ReverbClusters clusters, String name, String more) {
        clusters.apply("apiVersion: reverb.dev/v1\nkind: ReverbApp\nmetadata: {name: " + name
                + "}\nspec: {clusterRef: {name: calm}" + (more.isEmpty() ? "" : ", " + more) + "}\n");
    }

    private static boolean served(ReverbClusters clusters, String name) {
        return clusters.appCondition(name, "Ready")
                .map(condition -> "True".equals(condition.get("status")))
                .orElse(false);
    }

    private static void forget(ReverbClusters clusters, String app) {
        clusters.app(app).delete();
        Await.until(app + " to be gone", SOON, () -> clusters.app(app).get() == null, () -> "it is there");
    }

    private static void delete(FaultTrial trial, String secret) {
        trial.clusters().client().secrets().inNamespace(trial.clusters().namespace()).withName(secret).delete();
    }

    private static String password(FaultTrial trial) {
        return secret(trial.clusters(), CREDENTIALS, "password");
    }

    private static String key(FaultTrial trial) {
        return secret(trial.clusters(), APP, "REVERB_APP_KEY") + secret(trial.clusters(), APP, "REVERB_APP_SECRET");
    }

    /** A value of a Secret; empty while it is away. */
    private static String secret(ReverbClusters clusters, String name, String key) {
        Secret found = clusters.client().secrets().inNamespace(clusters.namespace()).withName(name).get();
        return found == null ? "" : clusters.secret(name).getOrDefault(key, "");
    }

    private static void deletePod(ReverbClusters clusters, String name) {
        clusters.client().pods().inNamespace(clusters.namespace()).withName(name).withGracePeriod(0).delete();
    }

    private static @Nullable Pod pod(ReverbClusters clusters, String name) {
        return clusters.client().pods().inNamespace(clusters.namespace()).withName(name).get();
    }

    private static String uid(ReverbClusters clusters, String name) {
        Pod found = pod(clusters, name);
        return found == null ? "" : found.getMetadata().getUid();
    }

    private static boolean ready(ReverbClusters clusters, String name) {
        Pod found = pod(clusters, name);
        return found != null && found.getMetadata().getDeletionTimestamp() == null && Readiness.isPodReady(found);
    }

    private static boolean readyAnother(ReverbClusters clusters, String name, String uid) {
        return !uid(clusters, name).equals(uid) && ready(clusters, name);
    }
}
