package dev.reverb.operator.reconcile;

import dev.reverb.crd.ReverbCluster;
import dev.reverb.crd.ReverbClusterStatus;
import dev.reverb.operator.act.Applier;
import dev.reverb.operator.act.ClusterMemory;
import dev.reverb.operator.act.DeadNodes;
import dev.reverb.operator.act.ExposureAction;
import dev.reverb.operator.act.ReconcileContext;
import dev.reverb.operator.act.ServersAction;
import dev.reverb.operator.act.StuckPods;
import dev.reverb.operator.act.apps.AppsAction;
import dev.reverb.operator.act.redis.RedisAction;
import dev.reverb.operator.observe.ClusterObserver;
import dev.reverb.operator.observe.Observation;
import dev.reverb.operator.observe.ServerPods;
import dev.reverb.operator.observe.ServerStatusReader;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.plan.PartsInForce;
import dev.reverb.operator.report.ClusterClaim;
import dev.reverb.operator.report.ConditionMeters;
import dev.reverb.operator.report.DrainWatch;
import dev.reverb.operator.report.EventReason;
import dev.reverb.operator.report.EventRecorder;
import dev.reverb.operator.report.ForeignOwners;
import dev.reverb.operator.report.PodTrouble;
import dev.reverb.operator.report.Problem;
import dev.reverb.operator.report.StatusReport;
import dev.reverb.operator.report.app.ServedApps;
import dev.reverb.operator.roll.RollAction;
import dev.reverb.operator.roll.UpgradeGate;
import dev.reverb.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reconciles a ReverbCluster, from top to bottom.
 *
 * <pre>
 * observe    the resource, its objects, its servers' pods and what they answer
 * validate   what the schema cannot refuse; a spec that cannot work changes nothing that runs
 * paused?    then only the status is written
 * act        applications → Redis → servers (one step of a roll at most) → what surrounds them
 * report     a fresh status, written only when it differs
 * </pre>
 */
@ControllerConfiguration(name = "reverbcluster", // in logs and metrics
        generationAwareEventProcessing = false, triggerReconcilerOnAllEvents = true)
public final class ClusterReconciler implements Reconciler<ReverbCluster> {
    /** Between two steps while something is on its way. */
    private static final Duration STEP = Duration.ofSeconds(1);

    /** For how long servers that have not taken a change of applications are asked at every step. */
    private static final Duration SETTLING = Duration.ofMinutes(2);

    /** How often a resource that cannot be read is looked at though nobody changed it. */
    private static final Duration UNREADABLE = ClusterClaim.RENEW;

    private final KubernetesClient client;
    private final OperatorSettings settings;
    private final Clock clock;
    private final EventRecorder recorder;
    private final Applier applier;
    private final ClusterObserver observer;
    private final AppsAction apps;
    private final RedisAction redis;
    private final ServersAction servers;
    private final ExposureAction edges;
    private final DeadNodes deadNodes;
    private final StuckPods stuck;
    private final UpgradeGate gate;
    private final ServedApps served;
    private final ConditionMeters meters;
    private final ClusterClaim claim;
    private final ForeignOwners foreign;
    private final Map<String, ClusterMemory> memories = new ConcurrentHashMap<>();

    /** Reconciles through {@code client}, asking the servers how they are by {@code reader}. */
    public ClusterReconciler(KubernetesClient client, OperatorSettings settings, ServerStatusReader reader,
            ServedApps served, ConditionMeters meters, ForeignOwners foreign, Clock clock) {
        claim = new ClusterClaim(client, settings.namespace());
        this.foreign = foreign;
        this.client = client;
        this.settings = settings;
        this.clock = clock;
        this.meters = meters;
        recorder = new EventRecorder(client, meters, clock);
        applier = new Applier(client);
        observer = new ClusterObserver(client, settings, reader, clock);
        this.served = served;
        apps = new AppsAction(client, served);
        gate = new UpgradeGate(settings.upgradePause());
        redis = new RedisAction(client, gate);
        servers = new ServersAction(gate);
        edges = new ExposureAction(client);
        deadNodes = new DeadNodes(client);
        stuck = new StuckPods(client);
    }

    @Override
    public List<EventSource<?, ReverbCluster>> prepareEventSources(EventSourceContext<ReverbCluster> context) {
        return observer.eventSources(context, new DrainWatch(client, recorder)::saw);
    }

    @Override
    public UpdateControl<ReverbCluster> reconcile(ReverbCluster cluster, Context<ReverbCluster> framework) {
        forgetOthers(framework);
        String uid = cluster.getMetadata().getUid();
        if (framework.isPrimaryResourceDeleted() || cluster.getMetadata().getDeletionTimestamp() != null) {
            forget(uid);
            return UpdateControl.noUpdate();
        }
        Optional<String> owner = claim.foreign(cluster, clock.instant());
        if (owner.isPresent()) {
            memories.remove(uid);
            foreign.saw(cluster, owner.get());
            return UpdateControl.<ReverbCluster>noUpdate().rescheduleAfter(ClusterClaim.RENEW);
        }
        foreign.forget(uid);
        ClusterMemory memory = memories.computeIfAbsent(uid, _ -> new ClusterMemory());
        memory.claim = Optional.of(claim.take(cluster, memory.claim, clock.instant()));
        try {
            return ErrorGuard.run(() -> cluster.unreadable()
                    .map(why -> unreadable(cluster, memory, why))
                    .orElseGet(() -> reconcile(cluster, framework, memory)));
        } catch (RuntimeException e) {
            reportFailure(cluster, memory, e);
            throw e;
        }
    }

    private UpdateControl<ReverbCluster> reconcile(ReverbCluster cluster, Context<ReverbCluster> framework,
            ClusterMemory memory) {
        Observation seen = observer.observe(cluster, framework, memory.outageHeld);
        ReconcileContext context = new ReconcileContext(seen, memory, applier, recorder, served);
        context.attempt("spec", true, () -> Validation.of(seen.plan()).forEach(context::problem));
        boolean paused = paused(context);
        boolean refused = context.problems.stream().anyMatch(Problem::fatal);
        if (paused || refused) {
            gate.leave(seen.plan().uid(), seen.now());
        }
        seen.parts().held().forEach(held -> context.problem(Problem.fatal(PartsInForce.NOT_ALLOWED, held)));
        RollAction action = paused || refused ? null : act(context);
        boolean held = context.problems.stream().anyMatch(problem -> problem.reason().equals(PartsInForce.NOT_ALLOWED));
        memory.outageHeld = held && (memory.outageHeld || seen.connections().orElse(0) > 0);
        recordProblems(context);
        report(context, action, paused);
        RuntimeException failure = context.failure();
        if (failure != null) {
            throw failure; // tried again, at growing intervals
        }
        return UpdateControl.<ReverbCluster>noUpdate()
                .rescheduleAfter(sooner(next(context, action, paused || refused)));
    }

    /** What cannot be read changes nothing that runs: its servers, applications and Redis stay as they are. */
    private UpdateControl<ReverbCluster> unreadable(ReverbCluster cluster, ClusterMemory memory, String field) {
        Problem problem = Problem.fatal("Unreadable", field);
        if (memory.recorded.add(problem)) {
            recorder.record(cluster, EventReason.Refused, field);
        }
        memory.recorded.retainAll(List.of(problem));
        ReverbClusterStatus last = last(cluster, memory);
        ReverbClusterStatus status = StatusReport.unreadable(cluster, problem, last, clock.instant())
                .actedOnBy(memory.claim.orElse(null));
        meters.saw(cluster, ClusterPlan.orEmpty(status.conditions()));
        if (!status.equals(last)) {
            write(cluster, memory, status);
        }
        return UpdateControl.<ReverbCluster>noUpdate().rescheduleAfter(UNREADABLE);
    }

    private RollAction act(ReconcileContext context) {
        context.attempt("apps", false, () -> apps.run(context));
        AtomicReference<Optional<String>> secrets = new AtomicReference<>(Optional.empty());
        context.attempt("redis", true, () -> secrets.set(redis.run(context)));
        AtomicReference<@Nullable RollAction> decided = new AtomicReference<>();
        context.attempt("servers", true, () -> decided.set(servers.run(context, secrets.get())));
        RollAction action = decided.get();
        edges.run(context, secrets.get().isPresent(), action instanceof RollAction.Rest);
        context.attempt("dead nodes", false, () -> deadNodes.run(context));
        context.attempt("stuck pods", false, () -> stuck.run(context));
        return action == null ? new RollAction.Wait(false, context.problems.getLast().message()) : action;
    }

    private static boolean paused(ReconcileContext context) {
        Map<String, String> annotations = context.seen.cluster().getMetadata().getAnnotations();
        boolean paused = annotations != null && "true".equals(annotations.get(Labels.PAUSED));
        if (paused != context.memory.paused) {
            context.memory.paused = paused;
            context.record(paused ? EventReason.Paused : EventReason.Resumed,
                    paused ? "nothing is done until the annotation " + Labels.PAUSED + " is gone"
                            : "the operator acts again");
        }
        return paused;
    }

    private static void recordProblems(ReconcileContext context) {
        for (Problem problem : context.problems) {
            if (context.memory.recorded.add(problem)) {
                context.record(event(problem), problem.message());
            }
        }
        context.memory.recorded.retainAll(context.problems);
    }

    private static EventReason event(Problem problem) {
        if (PodTrouble.is(problem.reason()) || problem.reason().equals("CreateFailed")) {
            return EventReason.PodFailing;
        }
        return problem.reason().equals("ApiServerRefused") ? EventReason.Failed : EventReason.Refused;
    }

    private void report(ReconcileContext context, @Nullable RollAction action, boolean paused) {
        ReverbCluster cluster = context.seen.cluster();
        ReverbClusterStatus last = last(cluster, context.memory);
        ReverbClusterStatus status = StatusReport
                .of(context.seen, context.problems, context.appsKnown ? context.apps : null, action, context.wanted,
                        paused, last)
                .actedOnBy(context.memory.claim.orElse(null));
        meters.saw(cluster, ClusterPlan.orEmpty(status.conditions()));
        if (!status.equals(last) || cluster.getStatus() == null) {
            write(cluster, context.memory, status);
        }
    }

    /** Says in the status that the reconcile failed; the rest of the status stays, its generation too. */
    private void reportFailure(ReverbCluster cluster, ClusterMemory memory, RuntimeException failure) {
        if (failure instanceof KubernetesClientException refused
                && (refused.getCode() == 0 || refused.getCode() == 409 || refused.getCode() == 429)) {
            return; // no answer, or a change in between: the next attempt says more
        }
        ReverbClusterStatus last = last(cluster, memory);
        ReverbClusterStatus status = StatusReport.failed(cluster, last, String.valueOf(failure), clock.instant())
                .actedOnBy(memory.claim.orElse(null));
        meters.saw(cluster, ClusterPlan.orEmpty(status.conditions()));
        if (!status.equals(last)) {
            try {
                write(cluster, memory, status);
                recorder.record(cluster, EventReason.Failed, "the reconcile failed: " + failure);
            } catch (KubernetesClientException e) {
                failure.addSuppressed(e);
            }
        }
    }

    private void write(ReverbCluster cluster, ClusterMemory memory, ReverbClusterStatus status) {
        ReverbCluster fresh = new ReverbCluster();
        fresh.setMetadata(new ObjectMetaBuilder().withNamespace(cluster.getMetadata().getNamespace())
                .withName(cluster.getMetadata().getName())
                .build());
        fresh.setStatus(status);
        try {
            ReverbCluster answer = client.resource(fresh)
                    .subresource("status")
                    .patch(new PatchContext.Builder().withPatchType(PatchType.SERVER_SIDE_APPLY)
                            .withFieldManager(Labels.OPERATOR)
                            .withForce(true)
                            .build());
            memory.status = status;
            memory.statusVersion = version(answer);
        } catch (KubernetesClientException e) {
            if (e.getCode() != 404) {
                throw e; // deleted meanwhile is fine
            }
        }
    }

    /**
     * The status as it is: what this process wrote last until the cache has that, and then what the resource has, over
     * which somebody may have written.
     */
    private static @Nullable ReverbClusterStatus last(ReverbCluster cluster, ClusterMemory memory) {
        return memory.status == null || version(cluster) >= memory.statusVersion ? cluster.getStatus() : memory.status;
    }

    /** Versions count up within a kind; what is no number is taken for the oldest. */
    private static long version(ReverbCluster cluster) {
        String version = cluster.getMetadata().getResourceVersion();
        return version != null && version.matches("[0-9]{1,18}") ? Long.parseLong(version) : 0;
    }

    /** Not later than the claim on the cluster has to be renewed. */
    private static Duration sooner(Duration next) {
        return next.compareTo(ClusterClaim.RENEW) < 0 ? next : ClusterClaim.RENEW;
    }

    private Duration next(ReconcileContext context, @Nullable RollAction action, boolean idle) {
        boolean busy = !idle && !(action instanceof RollAction.Rest) && !(action instanceof RollAction.Hold);
        boolean shrinking = context.seen.pods().stream().anyMatch(ServerPods::terminating);
        boolean settling = !context.seen.readyPods().isEmpty() && context.memory.settling(SETTLING, context.seen.now());
        boolean touching = !idle && (context.memory.mounts.pending(context.seen.pods()) || settling
                || context.memory.redisMounts.pending(context.redisPods));
        if (action instanceof RollAction.Wait(boolean rolling, String _) && !rolling && !shrinking && !idle
                && !touching) {
            // what it waits for is seen by a watch; only settling has to be looked for
            return settings.poll().compareTo(STEP.multipliedBy(3)) < 0 ? settings.poll() : STEP.multipliedBy(3);
        }
        return busy || shrinking || touching ? STEP : settings.poll();
    }

    /** Forgets clusters that are gone, however they went: none of them may hold the gate for upgrades. */
    private void forgetOthers(Context<ReverbCluster> framework) {
        Set<String> present = framework.getPrimaryCache()
                .list()
                .map(cluster -> cluster.getMetadata().getUid())
                .collect(Collectors.toSet());
        memories.keySet().stream().filter(uid -> !present.contains(uid)).toList().forEach(this::forget);
        gate.retain(present, clock.instant());
    }

    private void forget(String uid) {
        memories.remove(uid);
        applier.forget(uid);
        served.forget(uid);
        meters.forget(uid);
        foreign.forget(uid);
        gate.leave(uid, clock.instant());
    }
}
