package dev.reverb.operator.act;

import dev.reverb.crd.OperatorClaim;
import dev.reverb.crd.ReverbClusterStatus;
import dev.reverb.operator.observe.ServerPods;
import dev.reverb.operator.plan.ForeignKind;
import dev.reverb.operator.report.Problem;
import dev.reverb.operator.roll.ConnectionHistory;
import dev.reverb.operator.scale.BuiltinScaler;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the operator remembers of a cluster between two reconciles. All of it can be lost: after a restart the operator
 * waits for reconnects again and may repeat an Event. Confined to the cluster's reconciles.
 */
public final class ClusterMemory {
    final ConnectionHistory history = new ConnectionHistory();
    public final MountRefresh mounts = new MountRefresh();
    public final MountRefresh redisMounts = new MountRefresh();
    final BuiltinScaler scaler = new BuiltinScaler();
    final Map<ForeignKind, Foreign> foreign = new EnumMap<>(ForeignKind.class);
    public final Set<Problem> recorded = new HashSet<>();
    /** The status as it was written last, and the version of the resource that it made. */
    @Nullable
    public ReverbClusterStatus status;
    public long statusVersion;
    @Nullable
    public String config;
    /** This operator's claim on the cluster, as it was last made. */
    public Optional<OperatorClaim> claim = Optional.empty();
    public boolean paused;
    /** Whether a part of the spec is held because its change is an outage for clients that were seen. */
    public boolean outageHeld;
    boolean upgradeRecorded;
    private Set<String> servers = Set.of();
    private @Nullable Instant disturbed;
    private @Nullable Instant missing;
    private String step = "";
    private Instant stepSince = Instant.EPOCH;
    private long mostRenewed;
    boolean stalled;
    public boolean redisUpgradeRecorded;
    private @Nullable Instant unsettled;
    /** The size of Redis's volume that was asked for and is in force. */
    @Nullable
    public String volumeSize;
    private String redisTemplate = "";
    private Instant redisSince = Instant.EPOCH;
    private final Map<String, Instant> silent = new HashMap<>();

    /**
     * What was last asked for of a foreign kind.
     *
     * @param until when it is to be asked for again, though nothing changed
     */
    record Foreign(String asked, Instant until) {}

    /**
     * Whether servers have been missing for longer than {@code patience}: a controller makes a Pod that it can make
     * within a moment.
     */
    boolean missingFor(Duration patience, int replicas, int present, Instant now) {
        if (present >= replicas) {
            missing = null;
            return false;
        }
        if (missing == null) {
            missing = now;
        }
        return !now.isBefore(missing.plus(patience));
    }

    /** Whether a server was missing at the last look. */
    boolean isMissing() {
        return missing != null;
    }

    /** Notes whether the servers have all applications in force. */
    public void settled(boolean settled, Instant now) {
        unsettled = settled ? null : unsettled == null ? now : unsettled;
    }

    /** Whether servers have not had all applications in force for a while that is shorter than {@code patience}. */
    public boolean settling(Duration patience, Instant now) {
        return unsettled != null && now.isBefore(unsettled.plus(patience));
    }

    /** Those of {@code pods} that have not answered for {@code patience}. */
    Set<String> silentFor(Duration patience, Set<String> pods, Instant now) {
        silent.keySet().retainAll(pods);
        pods.forEach(pod -> silent.putIfAbsent(pod, now));
        return silent.entrySet()
                .stream()
                .filter(pod -> !now.isBefore(pod.getValue().plus(patience)))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /**
     * Since when {@code step} has been the same and not more than {@code renewed} servers were ready at once with the
     * new revision: all that a roll's progress shows in.
     */
    Instant stepSince(String step, long renewed, Instant now) {
        // a server that gets ready and fails again, over and over, is no progress
        if (!step.equals(this.step) || renewed > mostRenewed) {
            mostRenewed = step.equals(this.step) ? renewed : 0;
            this.step = step;
            stepSince = now;
        }
        return stepSince;
    }

    /** Since when Redis has not been ready with the pod template of the digest {@code template}. */
    public Instant redisSince(String template, Instant now) {
        if (!template.equals(redisTemplate)) {
            redisTemplate = template;
            redisSince = now;
        }
        return redisSince;
    }

    /** Redis is ready. */
    public void redisReady() {
        redisTemplate = "";
    }

    /** When a server last came, went, or changed its readiness. */
    Instant disturbed(List<Pod> pods, Instant now) {
        Set<String> seen = pods.stream()
                .map(pod -> pod.getMetadata().getUid() + ServerPods.ready(pod) + ServerPods.terminating(pod))
                .collect(Collectors.toSet());
        if (disturbed == null || !seen.equals(servers)) {
            servers = seen;
            disturbed = now;
        }
        return disturbed;
    }
}
