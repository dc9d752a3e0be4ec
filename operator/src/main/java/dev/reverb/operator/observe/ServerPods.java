package dev.reverb.operator.observe;

import dev.reverb.operator.roll.ServerState;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;

/** Reads servers' pods. Pure. */
public final class ServerPods {
    private ServerPods() {}

    public static boolean ready(Pod pod) {
        return condition(pod).map(condition -> "True".equals(condition.getStatus())).orElse(false);
    }

    public static boolean terminating(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() != null;
    }

    /** When the pod's readiness last changed, or when it was made. */
    public static Instant since(Pod pod) {
        return condition(pod).map(PodCondition::getLastTransitionTime)
                .or(() -> Optional.ofNullable(pod.getMetadata().getCreationTimestamp()))
                .map(time -> OffsetDateTime.parse(time).toInstant())
                .orElse(Instant.EPOCH);
    }

    public static ServerState state(Pod pod) {
        String name = pod.getMetadata().getName();
        Map<String, String> labels = pod.getMetadata().getLabels();
        return new ServerState(Integer.parseInt(name.substring(name.lastIndexOf('-') + 1)),
                labels.getOrDefault("controller-revision-hash", ""), ready(pod), since(pod), terminating(pod));
    }

    private static Optional<PodCondition> condition(Pod pod) {
        if (pod.getStatus() == null) {
            return Optional.empty();
        }
        return pod.getStatus()
                .getConditions()
                .stream()
                .filter(condition -> "Ready".equals(condition.getType()))
                .findFirst();
    }
}
