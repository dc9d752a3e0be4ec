package dev.reverb.operator.observe;

import dev.reverb.operator.plan.ForeignKind;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What this Kubernetes offers beyond its core, read at most once a minute. Any thread. */
final class ClusterCapabilities {
    private static final long AGE = Duration.ofMinutes(1).toNanos();
    private static final String DEFAULT = "storageclass.kubernetes.io/is-default-class";

    private final KubernetesClient client;
    private @Nullable Answer answer;

    private record Answer(boolean defaultStorageClass, Set<ForeignKind> installed, long at) {}

    ClusterCapabilities(KubernetesClient client) {
        this.client = client;
    }

    boolean defaultStorageClass() {
        return ask().defaultStorageClass();
    }

    Set<ForeignKind> installed() {
        return ask().installed();
    }

    private synchronized Answer ask() {
        Answer last = answer;
        if (last == null || System.nanoTime() - last.at() > AGE) {
            Set<ForeignKind> installed = Arrays.stream(ForeignKind.values())
                    .filter(kind -> client.supports(kind.apiVersion(), kind.kind()))
                    .collect(Collectors.toSet());
            last = new Answer(askForDefault(), installed, System.nanoTime());
            answer = last;
        }
        return last;
    }

    private boolean askForDefault() {
        try {
            return client.storage()
                    .v1()
                    .storageClasses()
                    .list()
                    .getItems()
                    .stream()
                    .map(StorageClass::getMetadata)
                    .anyMatch(metadata -> "true".equals(metadata.getAnnotations() == null ? ""
                            : metadata.getAnnotations().getOrDefault(DEFAULT, "")));
        } catch (KubernetesClientException e) {
            if (e.getCode() == 403) {
                return false; // installed for single namespaces: a volume then has to be asked for by its class
            }
            throw e;
        }
    }
}
