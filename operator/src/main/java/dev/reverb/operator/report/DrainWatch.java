package dev.reverb.operator.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Records how a drain ended, from the one line that a server leaves as its termination message. Called by the
 * informer's thread for every change of a server's pod, the last one before it is gone among them.
 */
public final class DrainWatch {
    private static final JsonMapper JSON = new JsonMapper();

    private final KubernetesClient client;
    private final EventRecorder recorder;
    private final Set<String> recorded = Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > 1_000;
        }
    }));

    public DrainWatch(KubernetesClient client, EventRecorder recorder) {
        this.client = client;
        this.recorder = recorder;
    }

    public void saw(Pod pod) {
        if (pod.getMetadata().getDeletionTimestamp() == null) {
            return;
        }
        message(pod).ifPresent(report -> {
            if (recorded.add(pod.getMetadata().getUid())) {
                // off the informer's thread: an Event is a request
                Thread.ofVirtual().name("drain-event").start(() -> record(pod, report));
            }
        });
    }

    private static Optional<JsonNode> message(Pod pod) {
        if (pod.getStatus() == null) {
            return Optional.empty();
        }
        return pod.getStatus()
                .getContainerStatuses()
                .stream()
                .filter(status -> "server".equals(status.getName()))
                .map(ContainerStatus::getState)
                .filter(Objects::nonNull)
                .map(state -> state.getTerminated())
                .filter(Objects::nonNull)
                .map(ContainerStateTerminated::getMessage)
                .filter(Objects::nonNull)
                .flatMap(message -> parse(message).stream())
                .findFirst();
    }

    private static Optional<JsonNode> parse(String message) {
        try {
            JsonNode report = JSON.readTree(message.strip().lines().reduce("", (_, line) -> line));
            return report.hasNonNull("drained") ? Optional.of(report) : Optional.empty();
        } catch (JsonProcessingException _) {
            return Optional.empty(); // what another program wrote there
        }
    }

    private void record(Pod pod, JsonNode report) {
        String cluster = pod.getMetadata().getLabels().get(Labels.CLUSTER);
        try {
            ReverbCluster resource = client.resources(ReverbCluster.class)
                    .inNamespace(pod.getMetadata().getNamespace())
                    .withName(cluster)
                    .get();
            if (resource != null) {
                long cut = report.path("cut").asLong();
                recorder.record(resource, cut == 0 ? EventReason.Drained : EventReason.DrainCut,
                        pod.getMetadata().getName() + " drained " + report.path("drained").asLong() + " connections in "
                                + report.path("seconds").asText("?") + " s, " + cut + " of them cut at the deadline");
            }
        } catch (KubernetesClientException _) {
            // the API server is away; the drain itself is over and nothing depends on this
        }
    }
}
