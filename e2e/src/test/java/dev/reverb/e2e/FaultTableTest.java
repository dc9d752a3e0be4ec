package dev.reverb.e2e;

import dev.reverb.e2e.cluster.Installation;
import dev.reverb.e2e.cluster.ReverbClusters;
import dev.reverb.e2e.cluster.Shell;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Faults that an operator has to bear, one a test, each under clients and a publisher that must notice nothing. The
 * table of them is printed at the end, and written to {@code e2e/target/fault-table.md}.
 */
@ExtendWith(InstalledOperator.class)
class FaultTableTest {
    private static final String TWO = "  replicas: 2\n";

    @AfterAll
    static void print() throws IOException {
        System.out.println(FaultTrial.table());
        Path file = Shell.repository().resolve("e2e/target/fault-table.md");
        Files.createDirectories(file.getParent());
        Files.writeString(file, FaultTrial.table());
    }

    @Test
    void theSecretOfRedisIsDeleted(Installation installation) {
        try (FaultTrial trial = FaultTrial.begin(installation, "Secret of the managed Redis deleted", TWO)) {
            String before = secret(trial.clusters(), "calm-redis", "password");
            deleteSecret(trial.clusters(), "calm-redis");
            trial.finish(() -> before.equals(secret(trial.clusters(), "calm-redis", "password")), 0);
        }
    }

    @Test
    void thePodAndTheSecretOfRedisAreDeleted(Installation installation) {
        try (FaultTrial trial = FaultTrial.begin(installation, "Pod and Secret of the managed Redis deleted at once",
                TWO)) {
            String before = secret(trial.clusters(), "calm-redis", "password");
            String uid = String.valueOf(uid(trial.clusters(), "calm-redis-0"));
            deleteSecret(trial.clusters(), "calm-redis");
            deletePod(trial.clusters(), "calm-redis-0");
            trial.finish(() -> before.equals(secret(trial.clusters(), "calm-redis", "password"))
                    && readyAnother(trial.clusters(), "calm-redis-0", uid), 0);
        }
    }

    @Test
    void theSecretOfAnApplicationIsDeleted(Installation installation) {
        try (FaultTrial trial = FaultTrial.begin(installation, "Secret of an application deleted", TWO)) {
            String before = secret(trial.clusters(), "calm-app", "REVERB_APP_KEY");
            deleteSecret(trial.clusters(), "calm-app");
            trial.finish(() -> before.equals(secret(trial.clusters(), "calm-app", "REVERB_APP_KEY")), 0);
        }
    }

    private static void deleteSecret(ReverbClusters clusters, String name) {
        clusters.client().secrets().inNamespace(clusters.namespace()).withName(name).delete();
    }

    /** A value of a Secret; empty while it is away. */
    private static String secret(ReverbClusters clusters, String name, String key) {
        Secret found = clusters.client().secrets().inNamespace(clusters.namespace()).withName(name).get();
        return found == null ? "" : clusters.secret(name).getOrDefault(key, "");
    }

    private static void deletePod(ReverbClusters clusters, String name) {
        clusters.client().pods().inNamespace(clusters.namespace()).withName(name).withGracePeriod(0).delete();
    }

    private static @Nullable String uid(ReverbClusters clusters, String pod) {
        Pod found = clusters.client().pods().inNamespace(clusters.namespace()).withName(pod).get();
        return found == null ? null : found.getMetadata().getUid();
    }

    private static boolean readyAnother(ReverbClusters clusters, String name, String uid) {
        Pod found = clusters.client().pods().inNamespace(clusters.namespace()).withName(name).get();
        return found != null && !found.getMetadata().getUid().equals(uid) && Readiness.isPodReady(found);
    }
}
