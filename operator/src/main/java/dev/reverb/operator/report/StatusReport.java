package dev.reverb.operator.report;

import dev.reverb.crd.AppStatus;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.crd.ReverbClusterStatus;
import dev.reverb.operator.desired.redis.RedisStatefulSet;
import dev.reverb.operator.observe.Observation;
import dev.reverb.operator.observe.ServerPods;
import dev.reverb.operator.observe.ServerStatus;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.roll.RollAction;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A cluster's status, made new from what was observed and done. Pure. */
public final class StatusReport {
    /** Reasons beside fatal ones that do not go away by themselves. */
    private static final Set<String> STALLED = Set.of("ApiServerRefused", "RollStalled");

    /** The reason when a reconcile threw something. */
    private static final String FAILED = "ReconcileFailed";

    private StatusReport() {}

    /**
     * The status.
     *
     * @param previous the last one written, which transition times and unknown readings are taken from
     * @param apps the applications that are served; null when that is not known
     * @param action what was decided for the servers; null when nothing was, for a pause or a spec that cannot work
     * @param wanted how many servers there shall be; empty when that was not decided
     */
    public static ReverbClusterStatus of(Observation seen, List<Problem> problems, @Nullable List<AppStatus> apps,
            @Nullable RollAction action, OptionalInt wanted, boolean paused, @Nullable ReverbClusterStatus previous) {
        ClusterPlan plan = seen.plan();
        ReverbCluster cluster = seen.cluster();
        int target = wanted.orElseGet(
                () -> seen.servers().map(servers -> servers.getSpec().getReplicas()).orElse(plan.leastReplicas()));
        int ready = seen.readyPods().size();
        OptionalLong connections = seen.connections();
        Conditions conditions = new Conditions(
                previous == null ? List.of() : ClusterPlan.orEmpty(previous.conditions()),
                cluster.getMetadata().getGeneration(), seen.now());
        Condition progressing = progressing(conditions, problems, action, paused);
        List<Condition> all = List.of(ready(conditions, problems, ready, target), progressing, redis(conditions, seen),
                degraded(conditions, problems), paused(conditions, paused), conditions.make("Reconciling",
                        "True".equals(progressing.getStatus()), progressing.getReason(), progressing.getMessage()),
                stalled(conditions, problems));
        return new ReverbClusterStatus(cluster.getMetadata().getGeneration(),
                (int) seen.pods().stream().filter(pod -> !ServerPods.terminating(pod)).count(), ready,
                Labels.selectorText(plan.name(), Labels.SERVER),
                connections.isPresent() ? connections.getAsLong() : lastConnections(previous),
                plan.publicAddress().url(), version(seen, previous), apps(apps, previous), null, all);
    }

    /**
     * The status of a cluster whose reconcile threw {@code message}: the last one, of the generation that it spoke of.
     */
    public static ReverbClusterStatus failed(ReverbCluster cluster, @Nullable ReverbClusterStatus last, String message,
            Instant now) {
        List<Condition> before = last == null ? List.of() : ClusterPlan.orEmpty(last.conditions());
        Conditions conditions = new Conditions(before, cluster.getMetadata().getGeneration(), now);
        List<Condition> all = new ArrayList<>(before);
        all.removeIf(condition -> List.of("Degraded", "Reconciling").contains(condition.getType()));
        all.add(conditions.make("Degraded", true, FAILED, message));
        all.add(conditions.make("Reconciling", true, FAILED, "the reconcile is tried again: " + message));
        if (before.stream().noneMatch(condition -> "Ready".equals(condition.getType()))) {
            all.add(conditions.make("Ready", false, FAILED, message));
        }
        return last == null ? new ReverbClusterStatus(null, null, null, null, null, null, null, null, null, all)
                : new ReverbClusterStatus(last.observedGeneration(), last.replicas(), last.readyReplicas(),
                        last.selector(), last.connections(), last.url(), last.version(), last.apps(), null, all);
    }

    /** Versions that ready servers run, the lowest ordinal's last to change; the last known while none is ready. */
    private static @Nullable String version(Observation seen, @Nullable ReverbClusterStatus previous) {
        String running = seen.readyPods()
                .stream()
                .flatMap(pod -> pod.getSpec().getContainers().stream())
                .filter(container -> "server".equals(container.getName()) && container.getImage() != null)
                .map(container -> ClusterPlan.version(container.getImage()))
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
        return running.isEmpty() ? previous == null ? null : previous.version() : running;
    }

    private static @Nullable List<AppStatus> apps(@Nullable List<AppStatus> apps,
            @Nullable ReverbClusterStatus previous) {
        if (apps == null) {
            return previous == null ? null : previous.apps();
        }
        return apps.stream().sorted(Comparator.comparing(AppStatus::id)).toList();
    }

    /** Whether the spec cannot be brought into force without a change of it or of what it names. */
    private static Condition stalled(Conditions conditions, List<Problem> problems) {
        return problems.stream()
                .filter(problem -> problem.fatal() || STALLED.contains(problem.reason()))
                .findFirst()
                .map(problem -> conditions.make("Stalled", true, problem.reason(), problem.message()))
                .orElseGet(() -> conditions.make("Stalled", false, "NotStalled", "nothing has to be changed by hand"));
    }

    /**
     * The status of {@code cluster}, whose spec cannot be read for {@code problem}; what runs is reported as it was.
     */
    public static ReverbClusterStatus unreadable(ReverbCluster cluster, Problem problem,
            @Nullable ReverbClusterStatus previous, Instant now) {
        Conditions conditions = new Conditions(
                previous == null ? List.of() : ClusterPlan.orEmpty(previous.conditions()),
                cluster.getMetadata().getGeneration(), now);
        List<Condition> all = List.of(
                conditions.make("Ready", false, problem.reason(), problem.message() + "; what runs keeps running"),
                conditions.make("Progressing", false, "Refused", problem.message()),
                conditions.unknown("RedisReachable", problem.reason(),
                        "nothing is looked at until the spec can be read"),
                degraded(conditions, List.of(problem)), paused(conditions, false),
                conditions.make("Reconciling", false, "Refused", problem.message()),
                stalled(conditions, List.of(problem)));
        Optional<ReverbClusterStatus> last = Optional.ofNullable(previous);
        return new ReverbClusterStatus(cluster.getMetadata().getGeneration(),
                last.map(ReverbClusterStatus::replicas).orElse(null),
                last.map(ReverbClusterStatus::readyReplicas).orElse(null),
                Labels.selectorText(cluster.getMetadata().getName(), Labels.SERVER),
                last.map(ReverbClusterStatus::connections).orElse(null),
                last.map(ReverbClusterStatus::url).orElse(null), last.map(ReverbClusterStatus::version).orElse(null),
                last.map(ReverbClusterStatus::apps).orElse(null), null, all);
    }

    private static long lastConnections(@Nullable ReverbClusterStatus previous) {
        return previous == null || previous.connections() == null ? 0 : previous.connections();
    }

    private static Condition ready(Conditions conditions, List<Problem> problems, int ready, int wanted) {
        Optional<Problem> fatal = problems.stream().filter(Problem::fatal).findFirst();
        String message = ready + " of " + wanted + " servers are ready";
        if (fatal.isPresent()) {
            // what runs goes on, but the spec that this generation speaks of is not in force
            return conditions.make("Ready", false, fatal.get().reason(),
                    ready == 0 ? fatal.get().message() : message + "; " + fatal.get().message());
        }
        return ready >= wanted ? conditions.make("Ready", true, "AllReplicasReady", message)
                : conditions.make("Ready", false, "ReplicasNotReady",
                        // what cannot be done is often why: whoever waits for Ready looks here first
                        problems.isEmpty() ? message : message + "; " + first(problems));
    }

    private static Condition progressing(Conditions conditions, List<Problem> problems, @Nullable RollAction action,
            boolean paused) {
        return switch (action) {
            case null -> conditions.make("Progressing", false, paused ? "Paused" : "Refused",
                    paused ? "nothing is done while the cluster is paused" : first(problems));
            case RollAction.Rest _ -> conditions.make("Progressing", false, "Stable", "nothing is left to do");
            case RollAction.Hold _ -> conditions.make("Progressing", false, "RollHeld",
                    "servers would be replaced by this operator's; the roll is held");
            case RollAction.Wait(boolean rolling, String reason) ->
                conditions.make("Progressing", true, rolling ? "Rolling" : "Waiting", reason);
            case RollAction.ScaleUp(int to) ->
                conditions.make("Progressing", true, "ScalingUp", "to " + to + " servers");
            case RollAction.ScaleDown(int to) ->
                conditions.make("Progressing", true, "ScalingDown", "to " + to + " servers");
            case RollAction.Surge(int to, int _) ->
                conditions.make("Progressing", true, "Rolling", "adding a server of the new revision: " + to);
            case RollAction.Replace(int ordinal) ->
                conditions.make("Progressing", true, "Rolling", "replacing server " + ordinal);
            case RollAction.Guard _ -> conditions.make("Progressing", true, "Rolling", "all servers are replaced");
        };
    }

    private static Condition redis(Conditions conditions, Observation seen) {
        List<ServerStatus> linked = seen.statuses()
                .answers()
                .stream()
                .filter(status -> status.redisConnected().isPresent())
                .toList();
        String durability = seen.plan()
                .managedRedis()
                .map(redis -> RedisStatefulSet.durable(redis, seen.redisFacts())
                        ? "; its append-only file is on a volume"
                        : "; it is in memory only: there is no default StorageClass, or storage is off")
                .orElse("");
        if (!linked.isEmpty()) {
            return linked.stream()
                    .filter(status -> !status.redisConnected().orElseThrow())
                    .findFirst()
                    .map(status -> conditions.make("RedisReachable", false, "Disconnected",
                            "a server does not reach Redis; clients stay connected" + durability + "; " + status.pod()
                                    + status.redisTrouble().map(why -> ": " + why).orElse(" does not say why")))
                    .orElseGet(() -> conditions.make("RedisReachable", true, "Connected",
                            (seen.statuses().silent().isEmpty() ? "every ready server reaches Redis"
                                    : "every ready server that answers reaches Redis") + durability));
        }
        if (seen.plan().managedRedis().isEmpty()) {
            return seen.externalRedis()
                    .map(answered -> answered
                            ? conditions.make("RedisReachable", true, "Answers", "the external Redis takes connections")
                            : conditions.make("RedisReachable", false, "Unreachable",
                                    "spec.redis.external: the operator gets no connection to it; clients "
                                            + "stay connected"))
                    .orElseGet(() -> conditions.unknown("RedisReachable", "NotMeasured",
                            "the external Redis has not been tried yet"));
        }
        boolean ready = seen.redis()
                .map(StatefulSet::getStatus)
                .map(status -> status.getReadyReplicas() != null && status.getReadyReplicas() > 0)
                .orElse(false);
        return ready ? conditions.make("RedisReachable", true, "RedisReady", "the managed Redis is ready" + durability)
                : conditions.make("RedisReachable", false, "RedisNotReady",
                        "the managed Redis is not ready; clients stay connected" + durability);
    }

    private static Condition degraded(Conditions conditions, List<Problem> problems) {
        return problems.isEmpty() ? conditions.make("Degraded", false, "AsDesired", "nothing is missing")
                : conditions.make("Degraded", true, problems.getFirst().reason(),
                        problems.stream().map(Problem::message).collect(Collectors.joining("; ")));
    }

    private static Condition paused(Conditions conditions, boolean paused) {
        return paused
                ? conditions.make("Paused", true, "Annotated",
                        "nothing is done while the annotation " + Labels.PAUSED + " is true")
                : conditions.make("Paused", false, "NotPaused", "the operator acts");
    }

    private static String first(List<Problem> problems) {
        return problems.isEmpty() ? "" : problems.getFirst().message();
    }
}
