package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The managed Redis's volume, which grows where its class lets it. */
class RedisVolumeTest {
    private Harness harness;
    private String storageClass;

    @BeforeEach
    void start() {
        harness = new Harness();
        storageClass = "class-of-" + harness.namespace;
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    /** A cluster of a class, and the claim as its StatefulSet's controller makes it. */
    private void running(boolean expansion) {
        harness.client.storage()
                .v1()
                .storageClasses()
                .resource(new StorageClassBuilder().withNewMetadata()
                        .withName(storageClass)
                        .endMetadata()
                        .withProvisioner("example.com/none")
                        .withAllowVolumeExpansion(expansion)
                        .build())
                .create();
        apply("1Gi");
        ApiServer.await("the StatefulSet of Redis",
                () -> harness.client.apps()
                        .statefulSets()
                        .inNamespace(harness.namespace)
                        .withName("chat-redis")
                        .get() != null);
        harness.client.resource(new PersistentVolumeClaimBuilder().withNewMetadata()
                .withName("data-chat-redis-0")
                .withNamespace(harness.namespace)
                .endMetadata()
                .withNewSpec()
                .withAccessModes("ReadWriteOnce")
                .withStorageClassName(storageClass)
                .withNewResources()
                .addToRequests("storage", new Quantity("1Gi"))
                .endResources()
                .endSpec()
                .build()).create();
        harness.client.persistentVolumeClaims()
                .inNamespace(harness.namespace)
                .withName("data-chat-redis-0")
                .editStatus(claim -> new PersistentVolumeClaimBuilder(claim).editOrNewStatus()
                        .withPhase("Bound")
                        .endStatus()
                        .build());
    }

    private void apply(String size) {
        harness.apply("chat", "{redis: {managed: {storage: {size: " + size + ", className: " + storageClass + "}}}}");
    }

    private String size() {
        PersistentVolumeClaim claim = harness.client.persistentVolumeClaims()
                .inNamespace(harness.namespace)
                .withName("data-chat-redis-0")
                .require();
        return Objects.requireNonNull(claim.getSpec().getResources().getRequests().get("storage")).toString();
    }

    @Test
    void aLargerSizeIsAskedForInTheClaimAndASmallerOneIsRefused() {
        running(true);
        apply("2Gi");
        ApiServer.await("the claim is larger", () -> size().equals("2Gi"));
        assertTrue(harness.awaitEvent("RedisVolumeExpanded").getMessage().contains("2Gi instead of 1Gi"));
        harness.awaitCondition("chat", "Degraded", "False", "AsDesired");
        apply("1Gi");
        String message = harness.awaitCondition("chat", "Degraded", "True", "StorageImmutable").getMessage();
        assertTrue(message.contains("a volume cannot shrink") && message.contains("has 2Gi"), message);
        assertEquals("2Gi", size());
    }

    @Test
    void aClassThatDoesNotAllowItIsNamedInTheApiServersWords() {
        running(false);
        apply("2Gi");
        String message = harness.awaitCondition("chat", "Degraded", "True", "StorageImmutable").getMessage();
        assertTrue(message.contains("data-chat-redis-0") && message.contains("resize"), message);
        assertEquals("1Gi", size());
    }
}
