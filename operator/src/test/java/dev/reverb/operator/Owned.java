package dev.reverb.operator;

import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Everything that the operator made in a namespace. */
final class Owned {
    private Owned() {}

    static List<HasMetadata> all(KubernetesClient client, String namespace) {
        List<HasMetadata> objects = new ArrayList<>();
        for (Class<? extends HasMetadata> kind : List.of(StatefulSet.class, Service.class, ServiceAccount.class,
                ConfigMap.class, NetworkPolicy.class, PodDisruptionBudget.class, Ingress.class,
                HorizontalPodAutoscaler.class, Secret.class)) {
            objects.addAll(client.resources(kind)
                    .inNamespace(namespace)
                    .withLabel(Labels.MANAGED_BY, Labels.OPERATOR)
                    .list()
                    .getItems());
        }
        return objects;
    }

    /** The resource version of each. */
    static Map<String, String> versions(KubernetesClient client, String namespace) {
        Map<String, String> versions = new TreeMap<>();
        all(client, namespace).forEach(object -> versions.put(object.getKind() + "/" + object.getMetadata().getName(),
                object.getMetadata().getResourceVersion()));
        return versions;
    }
}
