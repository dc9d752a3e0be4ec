package dev.reverb.operator;

import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbCluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.Cloner;

/**
 * Copies what caches hold before a reconcile may change it. This project's own kinds copy themselves: written out and
 * read again, one that cannot be read would look like one without a spec.
 */
final class ResourceCloner implements Cloner {
    private final KubernetesClient client;

    ResourceCloner(KubernetesClient client) {
        this.client = client;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <R extends HasMetadata> R clone(R object) {
        return switch (object) {
            case ReverbCluster cluster -> (R) cluster.copy();
            case ReverbApp app -> (R) app.copy();
            default -> client.getKubernetesSerialization().clone(object);
        };
    }
}
