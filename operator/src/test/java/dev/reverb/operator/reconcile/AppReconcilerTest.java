package dev.reverb.operator.reconcile;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.ReverbCluster;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import org.junit.jupiter.api.Test;

class AppReconcilerTest {
    private static ReverbCluster cluster(String uid, String version) {
        ReverbCluster cluster = new ReverbCluster();
        cluster.setMetadata(new ObjectMetaBuilder().withNamespace("a")
                .withName("chat")
                .withUid(uid)
                .withGeneration(1L)
                .withResourceVersion(version)
                .build());
        return cluster;
    }

    /** A watch with a gap in between says of the two that one was changed. */
    @Test
    void anotherClusterOfTheSameNameIsAChange() {
        assertFalse(AppReconciler.matters(cluster("1", "1"), cluster("1", "2")));
        assertTrue(AppReconciler.matters(cluster("1", "1"), cluster("2", "2")));
    }
}
