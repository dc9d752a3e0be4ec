package dev.reverb.operator.reconcile;

import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The annotation by which a server's kubelet is told to refresh its mounts at once. It is changed again a moment later,
 * twice: a kubelet that has not seen the new Secret yet when it sees the pod would mount the old one, and then wait for
 * its own time, a minute or more. Confined to the cluster's reconciles; when it is lost, only the repetition is.
 */
final class Touches {
    private static final List<Duration> AGAIN = List.of(Duration.ofSeconds(2), Duration.ofSeconds(5));

    private final Map<String, Instant> touched = new HashMap<>();

    /** The annotation's value that {@code pod} shall have now for a configuration of this digest. */
    String value(Pod pod, String digest, Instant now) {
        String uid = pod.getMetadata().getUid();
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        String current = annotations == null ? "" : annotations.getOrDefault(Labels.CONFIG, "");
        if (!current.equals(digest) && !current.startsWith(digest + ".")) {
            if (Servers.ready(pod)) {
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
    boolean pending(List<Pod> pods) {
        Set<String> present = pods.stream().map(pod -> pod.getMetadata().getUid()).collect(Collectors.toSet());
        touched.keySet().retainAll(present);
        return !touched.isEmpty();
    }
}
