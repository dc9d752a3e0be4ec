package dev.reverb.operator.reconcile;

import dev.reverb.crd.ReverbCluster;
import dev.reverb.crd.ReverbClusterStatus;
import dev.reverb.operator.act.Applier;
import dev.reverb.operator.act.AppsAction;
import dev.reverb.operator.act.ClusterMemory;
import dev.reverb.operator.act.DeadNodes;
import dev.reverb.operator.act.ExposureAction;
import dev.reverb.operator.act.ReconcileContext;
import dev.reverb.operator.act.RedisAction;
import dev.reverb.operator.act.ServersAction;
import dev.reverb.operator.act.StuckPods;
import dev.reverb.operator.act.UpgradeGate;
import dev.reverb.operator.observe.ClusterObserver;
import dev.reverb.operator.observe.Observation;
import dev.reverb.operator.observe.ServerMeter;
import dev.reverb.operator.observe.ServerPods;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.report.DrainWatch;
import dev.reverb.operator.report.EventReason;
import dev.reverb.operator.report.EventRecorder;
import dev.reverb.operator.report.PodTrouble;
import dev.reverb.operator.report.Problem;
import dev.reverb.operator.report.StatusReport;
import dev.reverb.operator.roll.RollAction;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Reconciles a ReverbCluster, from top to bottom:
 *
 * <pre>
 * observe    the resource, its objects, its servers' pods and meters
 * validate   what the schema cannot refuse; a spec that cannot work changes nothing that runs
 * paused?    then only the status is written
 * act        applications → Redis → servers (one step of a roll at most) → what surrounds them
 * report     a fresh status, written only when it differs
 * </pre>
 */
@ControllerConfiguration(name = "reverbcluster", generationAwareEventProcessing = false)
public final class ClusterReconciler implements Reconciler<ReverbCluster> {
    /** Between two steps while something is on its way. */
    private static final Duration STEP = Duration.ofSeconds(1);

    /** How often a resource that cannot be read is looked at though nobody changed it. */
    private static final Duration UNREADABLE = Duration.ofMinutes(5);

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
    private final Map<String, ClusterMemory> memories = new ConcurrentHashMap<>();

    /** Reconciles through {@code client}, reading the servers' meters by {@code meter}. */
    public ClusterReconciler(KubernetesClient client, OperatorSettings settings, ServerMeter meter, Clock clock) {
        this.client = client;
        this.settings = settings;
        this.clock = clock;
        recorder = new EventRecorder(client, clock);
        applier = new Applier(client);
        observer = new ClusterObserver(client, settings, meter, clock);
        apps = new AppsAction(client);
        gate = new UpgradeGate(settings.upgradePause());
        redis = new RedisAction(gate);
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
        String uid = cluster.getMetadata().getUid();
        if (cluster.getMetadata().getDeletionTimestamp() != null) {
            forget(uid);
            return UpdateControl.noUpdate();
        }
        ClusterMemory memory = memories.computeIfAbsent(uid, _ -> new ClusterMemory());
        Optional<String> unreadable = cluster.unreadable();
        if (unreadable.isPresent()) {
            return unreadable(cluster, memory, unreadable.get());
        }
        Observation seen = observer.observe(cluster, framework);
        ReconcileContext context = new ReconcileContext(seen, memory, applier, recorder);
        Validation.of(seen.plan()).forEach(context::problem);
        boolean paused = paused(context);
        boolean refused = context.problems.stream().anyMatch(Problem::fatal);
        RollAction action = paused || refused ? null : act(context);
        recordProblems(context);
        report(context, action, paused);
        return UpdateControl.<ReverbCluster>noUpdate().rescheduleAfter(next(context, action, paused || refused));
    }

    /** What cannot be read changes nothing that runs: its servers, applications and Redis stay as they are. */
    private UpdateControl<ReverbCluster> unreadable(ReverbCluster cluster, ClusterMemory memory, String field) {
        Problem problem = Problem.fatal("Unreadable", field);
        if (memory.recorded.add(problem)) {
            recorder.record(cluster, EventReason.Refused, field);
        }
        memory.recorded.retainAll(List.of(problem));
        ReverbClusterStatus last = memory.status == null ? cluster.getStatus() : memory.status;
        write(cluster, memory, StatusReport.unreadable(cluster, problem, last, clock.instant()), last);
        return UpdateControl.<ReverbCluster>noUpdate().rescheduleAfter(UNREADABLE);
    }

    private RollAction act(ReconcileContext context) {
        try {
            apps.run(context);
            Optional<String> secrets = redis.run(context);
            RollAction action = servers.run(context, secrets);
            edges.run(context, secrets.isPresent(), action instanceof RollAction.Rest);
            deadNodes.run(context);
            stuck.run(context);
            return action;
        } catch (Applier.NotOurs e) {
            context.problem(Problem.fatal("NameCollision", String.valueOf(e.getMessage())));
        } catch (KubernetesClientException e) {
            if (e.getCode() != 422 && e.getCode() != 400 && e.getCode() != 403 && e.getCode() != 500) {
                throw e; // a conflict or a server in trouble: tried again as it is
            }
            context.problem(Problem.fatal("ApiServerRefused", message(e)));
        }
        return new RollAction.Wait(false, context.problems.getLast().message());
    }

    private static String message(KubernetesClientException e) {
        return e.getStatus() == null ? String.valueOf(e.getMessage()) : e.getStatus().getMessage();
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
        ReverbClusterStatus last = context.memory.status == null ? cluster.getStatus() : context.memory.status;
        write(cluster, context.memory,
                StatusReport.of(context.seen, context.problems, context.apps, action, paused, last), last);
    }

    private void write(ReverbCluster cluster, ClusterMemory memory, ReverbClusterStatus status,
            @Nullable ReverbClusterStatus last) {
        if (status.equals(last)) {
            return;
        }
        ReverbCluster fresh = new ReverbCluster();
        fresh.setMetadata(new ObjectMetaBuilder().withNamespace(cluster.getMetadata().getNamespace())
                .withName(cluster.getMetadata().getName())
                .build());
        fresh.setStatus(status);
        try {
            client.resource(fresh)
                    .subresource("status")
                    .patch(new PatchContext.Builder().withPatchType(PatchType.SERVER_SIDE_APPLY)
                            .withFieldManager(Labels.OPERATOR)
                            .withForce(true)
                            .build());
            memory.status = status;
        } catch (KubernetesClientException e) {
            if (e.getCode() != 404) {
                throw e; // deleted meanwhile is fine
            }
        }
    }

    private Duration next(ReconcileContext context, @Nullable RollAction action, boolean idle) {
        boolean busy = !idle && !(action instanceof RollAction.Rest) && !(action instanceof RollAction.Hold);
        boolean shrinking = context.seen.pods().stream().anyMatch(ServerPods::terminating);
        boolean touching = !idle && context.memory.mounts.pending(context.seen.pods());
        if (action instanceof RollAction.Wait(boolean rolling, String _) && !rolling && !shrinking && !idle
                && !touching) {
            // what it waits for is seen by a watch; only settling has to be looked for
            return settings.poll().compareTo(STEP.multipliedBy(3)) < 0 ? settings.poll() : STEP.multipliedBy(3);
        }
        return busy || shrinking || touching ? STEP : settings.poll();
    }

    private void forget(String uid) {
        memories.remove(uid);
        gate.leave(uid, clock.instant());
    }
}
