package dev.reverb.operator.act;

import dev.reverb.operator.observe.ServerPods;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The pod annotation whose change makes a kubelet refresh the pod's mounts at once. It is changed twice more after 2 s
 * and 5 s: a kubelet that sees the pod before the new Secret mounts the old one, and then refreshes only after its own
 * period of a minute or more. Confined to the cluster's reconciles; losing this object loses only the repetition.
 */
public final class MountRefresh {
    private static final List<Duration> AGAIN = List.of(Duration.ofSeconds(2), Duration.ofSeconds(5));

    private final Map<String, Instant> touched = new HashMap<>();

    /**
     * Changes the annotation of {@code pod} where a refresh is due; one request at most.
     *
     * @throws KubernetesClientException when the API server refuses it, unless the pod is gone or was replaced
     *     meanwhile: its successor mounts what is there
     */
    public void refresh(KubernetesClient client, Pod pod, String digest, Instant now) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        String value = value(pod, digest, now);
        if (annotations != null && value.equals(annotations.get(Labels.CONFIG))) {
            return;
        }
        Pod touched = new PodBuilder().withNewMetadata()
                .withNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .withUid(pod.getMetadata().getUid())
                .addToAnnotations(Labels.CONFIG, value)
                .endMetadata()
                .build();
        try {
            client.resource(pod).patch(PatchContext.of(PatchType.JSON_MERGE), touched);
        } catch (KubernetesClientException e) {
            if (e.getCode() != 404 && e.getCode() != 409) {
                throw e;
            }
        }
    }

    /** The annotation's value that {@code pod} shall have now for a configuration of this digest. */
    String value(Pod pod, String digest, Instant now) {
        String uid = pod.getMetadata().getUid();
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        String current = annotations == null ? "" : annotations.getOrDefault(Labels.CONFIG, "");
        if (!current.equals(digest) && !current.startsWith(digest + ".")) {
            if (ServerPods.ready(pod)) {
                touched.put(uid, now); // one that starts now mounts what is there
            }
            return digest;
        }
        Instant first = touched.get(uid);
        if (first == null) {
            return current;
        }
        long times = AGAIN.stream().filter(delay -> !first.plus(delay).isAfter(now)).count();
        if (times == AGAIN.size()) {
            touched.remove(uid);
        }
        return times == 0 ? current : digest + "." + times;
    }

    /** Whether a repetition is due soon. */
    public boolean pending(List<Pod> pods) {
        Set<String> present = pods.stream().map(pod -> pod.getMetadata().getUid()).collect(Collectors.toSet());
        touched.keySet().retainAll(present);
        return !touched.isEmpty();
    }
}
