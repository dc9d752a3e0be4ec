package dev.reverb.operator.observe;

import dev.reverb.operator.roll.ServerState;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads servers' pods. Pure. */
public final class ServerPods {
    private static final Duration AFTER_RESTART = Duration.ofMinutes(1);

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

    /** The pod's number in its StatefulSet; empty when its name has none. */
    public static OptionalInt ordinal(Pod pod) {
        String name = pod.getMetadata().getName();
        String number = name.substring(name.lastIndexOf('-') + 1);
        return number.matches("[0-9]{1,9}") ? OptionalInt.of(Integer.parseInt(number)) : OptionalInt.empty();
    }

    /** The pod as a roll sees it; it has an {@link #ordinal}. */
    public static ServerState state(Pod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        // one that was restarted has shown that being ready is not enough: it is watched for longer
        Instant since = ready(pod) && restarted(pod) ? since(pod).plus(AFTER_RESTART) : since(pod);
        return new ServerState(ordinal(pod).orElseThrow(), labels.getOrDefault("controller-revision-hash", ""),
                ready(pod), since, terminating(pod));
    }

    private static boolean restarted(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream().anyMatch(status -> status.getRestartCount() > 0);
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
