package dev.reverb.operator.reconcile;

import dev.reverb.crd.ReverbCluster;
import dev.reverb.crd.ReverbClusterStatus;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
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

    private final KubernetesClient client;
    private final OperatorSettings settings;
    private final Clock clock;
    private final Announcer announcer;
    private final Applier applier;
    private final ClusterObserver observer;
    private final AppsAction apps;
    private final ServersAction servers;
    private final EdgesAction edges;
    private final DeadNodes deadNodes;
    private final UpgradeGate gate;
    private final Map<String, ClusterMemory> memories = new ConcurrentHashMap<>();

    /** Reconciles through {@code client}, reading the servers' meters by {@code meter}. */
    public ClusterReconciler(KubernetesClient client, OperatorSettings settings, ServerMeter meter, Clock clock) {
        this.client = client;
        this.settings = settings;
        this.clock = clock;
        announcer = new Announcer(client, clock);
        applier = new Applier(client);
        observer = new ClusterObserver(client, settings, meter, clock);
        apps = new AppsAction(client);
        gate = new UpgradeGate(settings.upgradePause());
        servers = new ServersAction(gate);
        edges = new EdgesAction(client);
        deadNodes = new DeadNodes(client);
    }

    @Override
    public List<EventSource<?, ReverbCluster>> prepareEventSources(EventSourceContext<ReverbCluster> context) {
        return observer.eventSources(context, new DrainWatch(client, announcer));
    }

    @Override
    public UpdateControl<ReverbCluster> reconcile(ReverbCluster cluster, Context<ReverbCluster> context) {
        String uid = cluster.getMetadata().getUid();
        if (cluster.getMetadata().getDeletionTimestamp() != null) {
            forget(uid);
            return UpdateControl.noUpdate();
        }
        ClusterMemory memory = memories.computeIfAbsent(uid, _ -> new ClusterMemory());
        Observation seen = observer.observe(cluster, context);
        Act act = new Act(seen, memory, applier, announcer);
        Validation.of(seen.plan()).forEach(act::problem);
        boolean paused = paused(act);
        boolean refused = act.problems.stream().anyMatch(Problem::fatal);
        RollAction action = paused || refused ? null : act(act);
        tellProblems(act);
        report(act, action, paused);
        return UpdateControl.<ReverbCluster>noUpdate().rescheduleAfter(next(act, action, paused || refused));
    }

    private RollAction act(Act act) {
        try {
            apps.run(act);
            Optional<String> secrets = RedisAction.run(act);
            RollAction action = servers.run(act, secrets);
            edges.run(act, secrets.isPresent(), action instanceof RollAction.Rest);
            deadNodes.run(act);
            return action;
        } catch (Applier.NotOurs e) {
            act.problem(Problem.fatal("NameCollision", String.valueOf(e.getMessage())));
        } catch (KubernetesClientException e) {
            if (e.getCode() != 422 && e.getCode() != 400 && e.getCode() != 403 && e.getCode() != 500) {
                throw e; // a conflict or a server in trouble: tried again as it is
            }
            act.problem(Problem.fatal("ApiServerRefused", message(e)));
        }
        return new RollAction.Wait(false, act.problems.getLast().message());
    }

    private static String message(KubernetesClientException e) {
        return e.getStatus() == null ? String.valueOf(e.getMessage()) : e.getStatus().getMessage();
    }

    private static boolean paused(Act act) {
        Map<String, String> annotations = act.seen.cluster().getMetadata().getAnnotations();
        boolean paused = annotations != null && "true".equals(annotations.get(Labels.PAUSED));
        if (paused != act.memory.paused) {
            act.memory.paused = paused;
            act.tell(paused ? Happening.Paused : Happening.Resumed,
                    paused ? "nothing is done until the annotation " + Labels.PAUSED + " is gone"
                            : "the operator acts again");
        }
        return paused;
    }

    private static void tellProblems(Act act) {
        for (Problem problem : act.problems) {
            if (act.memory.told.add(problem)) {
                act.tell(problem.reason().equals("ApiServerRefused") ? Happening.Failed : Happening.Refused,
                        problem.message());
            }
        }
        act.memory.told.retainAll(act.problems);
    }

    private void report(Act act, @Nullable RollAction action, boolean paused) {
        ReverbCluster cluster = act.seen.cluster();
        ReverbClusterStatus last = act.memory.status == null ? cluster.getStatus() : act.memory.status;
        ReverbClusterStatus status = StatusReport.of(act.seen, act.problems, act.apps, action, paused, last);
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
            act.memory.status = status;
        } catch (KubernetesClientException e) {
            if (e.getCode() != 404) {
                throw e; // deleted meanwhile is fine
            }
        }
    }

    private Duration next(Act act, @Nullable RollAction action, boolean idle) {
        boolean busy = !idle && !(action instanceof RollAction.Rest) && !(action instanceof RollAction.Hold);
        boolean shrinking = act.seen.pods().stream().anyMatch(Servers::terminating);
        boolean touching = !idle && act.memory.touches.pending(act.seen.pods());
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
