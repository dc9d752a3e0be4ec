package dev.reverb.operator.reconcile;

import dev.reverb.crd.AppStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One reconcile's acting: what it works with, and what it finds out for the status. Lives as long as the reconcile, on
 * its thread.
 */
final class Act {
    final Observation seen;
    final ClusterMemory memory;
    final List<Problem> problems = new ArrayList<>();
    final List<AppStatus> apps = new ArrayList<>();
    private final Applier applier;
    private final Announcer announcer;
    private final Set<String> desired = new LinkedHashSet<>();

    Act(Observation seen, ClusterMemory memory, Applier applier, Announcer announcer) {
        this.seen = seen;
        this.memory = memory;
        this.applier = applier;
        this.announcer = announcer;
    }

    /** Makes {@code object} so, and keeps it from being pruned. */
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

    void tell(Happening happening, String message) {
        announcer.tell(seen.cluster(), happening, message);
    }

    void problem(Problem problem) {
        problems.add(problem);
    }

    private static String key(HasMetadata object) {
        return object.getKind() + "/" + object.getMetadata().getName();
    }
}
