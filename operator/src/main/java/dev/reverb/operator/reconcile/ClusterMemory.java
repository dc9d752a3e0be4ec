package dev.reverb.operator.reconcile;

import dev.reverb.crd.ReverbClusterStatus;
import dev.reverb.operator.plan.ForeignKind;
import dev.reverb.operator.roll.ConnectionHistory;
import dev.reverb.operator.scale.BuiltinScaler;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the operator remembers of a cluster between two reconciles. All of it can be lost: after a restart of the
 * operator it waits a little longer and tells an Event again, no more. Confined to the cluster's reconciles.
 */
final class ClusterMemory {
    final ConnectionHistory history = new ConnectionHistory();
    final Touches touches = new Touches();
    final BuiltinScaler scaler = new BuiltinScaler();
    final Map<ForeignKind, Foreign> foreign = new EnumMap<>(ForeignKind.class);
    final Set<Problem> told = new HashSet<>();
    @Nullable
    ReverbClusterStatus status;
    @Nullable
    String config;
    boolean paused;
    boolean upgradeTold;
    private Set<String> servers = Set.of();
    private @Nullable Instant disturbed;

    /**
     * What was last asked for of a foreign kind.
     *
     * @param until when it is to be asked for again, though nothing changed
     */
    record Foreign(String asked, Instant until) {}

    /** When a server last came, went, or changed its readiness. */
    Instant disturbed(List<Pod> pods, Instant now) {
        Set<String> seen = pods.stream()
                .map(pod -> pod.getMetadata().getUid() + Servers.ready(pod) + Servers.terminating(pod))
                .collect(Collectors.toSet());
        if (disturbed == null || !seen.equals(servers)) {
            servers = seen;
            disturbed = now;
        }
        return disturbed;
    }
}
