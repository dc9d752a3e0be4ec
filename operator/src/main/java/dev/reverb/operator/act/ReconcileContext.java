package dev.reverb.operator.act;

import dev.reverb.crd.AppStatus;
import dev.reverb.operator.observe.Observation;
import dev.reverb.operator.report.EventReason;
import dev.reverb.operator.report.EventRecorder;
import dev.reverb.operator.report.Problem;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What the actions of one reconcile share: the observation, the cluster's memory, and what they add to the status.
 * Lives as long as the reconcile and is confined to its thread.
 */
public final class ReconcileContext {
    public final Observation seen;
    public final ClusterMemory memory;
    public final List<Problem> problems = new ArrayList<>();
    public final List<AppStatus> apps = new ArrayList<>();
    private final Applier applier;
    private final EventRecorder recorder;
    private final Set<String> desired = new LinkedHashSet<>();

    public ReconcileContext(Observation seen, ClusterMemory memory, Applier applier, EventRecorder recorder) {
        this.seen = seen;
        this.memory = memory;
        this.applier = applier;
        this.recorder = recorder;
    }

    /** Applies {@code object}, and keeps it from being pruned. */
    @SuppressWarnings("unchecked")
    <T extends HasMetadata> T apply(T object) {
        desired.add(key(object));
        HasMetadata known = seen.known(object.getClass(), object.getMetadata().getName());
        return applier.apply(object, (T) known, seen.plan().uid());
    }

    /** Deletes {@code object}, which is no longer wanted. */
    void delete(HasMetadata object) {
        applier.delete(object);
    }

    /** Whether this reconcile wants {@code object}. */
    boolean wants(HasMetadata object) {
        return desired.contains(key(object));
    }

    public void record(EventReason reason, String message) {
        recorder.record(seen.cluster(), reason, message);
    }

    public void problem(Problem problem) {
        problems.add(problem);
    }

    /** What the API server said in {@code e}. */
    public static String message(KubernetesClientException e) {
        return e.getStatus() == null || e.getStatus().getMessage() == null ? String.valueOf(e.getMessage())
                : e.getStatus().getMessage();
    }

    private static String key(HasMetadata object) {
        return object.getKind() + "/" + object.getMetadata().getName();
    }
}
