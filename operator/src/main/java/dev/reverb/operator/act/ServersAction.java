package dev.reverb.operator.act;

import io.fabric8.kubernetes.api.model.Secret;
import dev.reverb.operator.plan.Credentials;
import java.util.stream.Stream;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reverb.crd.AutoscalingProvider;
import dev.reverb.crd.AutoscalingSpec;
import dev.reverb.operator.desired.TemplateMemory;
import dev.reverb.operator.desired.server.NodesService;
import dev.reverb.operator.desired.server.ServerAccount;
import dev.reverb.operator.desired.server.ServerServices;
import dev.reverb.operator.desired.server.ServerStatefulSet;
import dev.reverb.operator.observe.Observation;
import dev.reverb.operator.observe.ServerPods;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.plan.PartsInForce;
import dev.reverb.operator.report.EventReason;
import dev.reverb.operator.report.PodTrouble;
import dev.reverb.operator.report.Problem;
import dev.reverb.operator.roll.Roll;
import dev.reverb.operator.roll.RollAction;
import dev.reverb.operator.roll.RollInput;
import dev.reverb.operator.roll.RollReason;
import dev.reverb.operator.roll.ServerState;
import dev.reverb.operator.roll.UpgradeGate;
import dev.reverb.operator.scale.BuiltinScaler;
import dev.reverb.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.RollingUpdateStatefulSetStrategy;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetUpdateStrategy;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The servers: their StatefulSet, whose number and partition the {@link Roll} decides, and what they need beside it.
 */
public final class ServersAction {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String REASON = "reverb.dev/roll-reason";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** How long the kubelet's tries at an image or a crashing server count as tries. */
    private static final Duration BROKEN = Duration.ofMinutes(1);

    /** How long a controller may take to make a Pod. */
    private static final Duration CREATION = Duration.ofSeconds(10);

    private final UpgradeGate gate;

    public ServersAction(UpgradeGate gate) {
        this.gate = gate;
    }

    /**
     * Acts.
     *
     * @param secretsDigest of what servers read at start; empty leaves them as they are
     * @return what was decided
     */
    public RollAction run(ReconcileContext context, Optional<String> secretsDigest) {
        ClusterPlan plan = context.seen.plan();
        context.apply(ServerAccount.of(plan));
        context.apply(NodesService.of(plan));
        context.apply(ServerServices.clients(plan));
        ServerServices.api(plan).ifPresent(context::apply);
        nameMissingCertificate(context);
        if (secretsDigest.isEmpty()) {
            return new RollAction.Wait(false, "a Secret of Redis is missing");
        }
        PodTemplateSpec template = ServerStatefulSet.template(plan, secretsDigest.get());
        Map<String, String> annotations = new TreeMap<>();
        annotations.put(Labels.TEMPLATE, ServerStatefulSet.digest(template));
        annotations.put(Labels.ROLL_INPUTS, json(RollReason.inputs(plan, secretsDigest.get())));
        annotations.put(Labels.IN_FORCE, PartsInForce.text(plan));
        context.seen.parts().taken().forEach(taken -> context.record(EventReason.OutageBegins, taken));
        if (context.seen.servers().isEmpty()) {
            int wanted = wanted(context, plan.leastReplicas());
            remember(context, annotations, wanted);
            context.apply(ServerStatefulSet.of(plan, template, wanted, Roll.GUARD, annotations));
            context.record(EventReason.ServersCreated, "made " + wanted + " servers of " + plan.image());
            return new RollAction.Wait(false, "the servers are starting");
        }
        StatefulSet servers = context.seen.servers().get();
        int wanted = wanted(context, servers.getSpec().getReplicas());
        remember(context, annotations, wanted);
        Map<String, String> before = servers.getMetadata().getAnnotations();
        String digest = ServerStatefulSet.digest(template);
        TemplateMemory remembered = TemplateMemory.of(before);
        if (!digest.equals(before.get(Labels.TEMPLATE))) {
            remembered.anew().write(annotations);
            return newTemplate(context, servers, template, annotations);
        }
        if (!remembered.tookBack(digest)) {
            return step(context, servers, template, annotations, wanted);
        }
        // fatal, since the spec is not in force and nothing tries it again before it changes
        context.problem(Problem.fatal("RollReverted", "the servers run the last good revision again, until the spec"
                + " changes; the one of the spec failed: " + remembered.cause().orElse("")));
        return step(context, servers, remembered.template().orElseThrow(), annotations, wanted);
    }

    /** Pods that mount a Secret which does not exist wait for it without an end, and without its keys none starts. */
    private static void nameMissingCertificate(ReconcileContext context) {
        ClusterPlan plan = context.seen.plan();
        plan.tlsSecret().ifPresent(name -> {
            Optional<Secret> secret = context.seen.secrets().find(plan.namespace(), name);
            String missing = Stream.of("tls.crt", "tls.key")
                    .filter(key -> Credentials.value(secret.map(Secret::getData).orElse(Map.of()), key).isEmpty())
                    .collect(Collectors.joining(" and "));
            if (secret.isEmpty()) {
                context.problem(Problem.partial("TlsSecretMissing", "spec.tls: there is no Secret " + name + " in "
                        + plan.namespace() + "; servers that start wait for it"));
            } else if (!missing.isEmpty()) {
                context.problem(Problem.partial("TlsSecretInvalid",
                        "spec.tls: the Secret " + name + " has no " + missing + "; no server can start with it"));
            }
        });
    }

    private RollAction newTemplate(ReconcileContext context, StatefulSet servers, PodTemplateSpec template,
            Map<String, String> annotations) {
        RollReason reason = RollReason.of(inputs(servers.getMetadata().getAnnotations()), inputs(annotations));
        annotations.put(REASON, reason.name());
        boolean back = TemplateMemory.of(servers.getMetadata().getAnnotations())
                .template()
                .filter(good -> ServerStatefulSet.digest(good).equals(annotations.get(Labels.TEMPLATE)))
                .isPresent();
        // the partition guards every server: from here on the roll decides who is replaced, and when
        context.apply(ServerStatefulSet.of(context.seen.plan(), template, servers.getSpec().getReplicas(), Roll.GUARD,
                annotations));
        context.record(EventReason.RollStarted, back ? "the spec is that of the last good revision again"
                : "servers will be replaced one by one: " + reason.text());
        return new RollAction.Wait(true, "a new revision was made: " + reason.text());
    }

    private RollAction step(ReconcileContext context, StatefulSet servers, PodTemplateSpec template,
            Map<String, String> annotations, int wanted) {
        Observation seen = context.seen;
        ClusterPlan plan = seen.plan();
        int replicas = servers.getSpec().getReplicas();
        int partition = partition(servers);
        Optional<String> reason = Optional.ofNullable(servers.getMetadata().getAnnotations().get(REASON));
        Instant since = context.memory.disturbed(seen.pods(), seen.now());
        context.memory.history.add(seen.now(), seen.connections());
        boolean settled = seen.pods().isEmpty()
                || context.memory.history.settled(since, plan.settleTimeout(), seen.now());
        RollInput input = new RollInput(wanted, plan.surge(wanted), replicas, partition,
                orEmpty(servers.getStatus() == null ? null : servers.getStatus().getCurrentRevision()),
                orEmpty(servers.getStatus() == null ? null : servers.getStatus().getUpdateRevision()),
                observed(servers), seen.pods().stream().map(ServerPods::state).toList(), settled, held(context, reason),
                PATIENCE, plan.watchWindow(),
                context.memory.missingFor(CREATION, replicas, seen.pods().size(), seen.now()), seen.now());
        RollAction action = Roll.next(input);
        TemplateMemory remembered = TemplateMemory.of(servers.getMetadata().getAnnotations());
        String digest = Objects.requireNonNull(annotations.get(Labels.TEMPLATE));
        Optional<String> failure = stalled(context, input, action);
        // a restart has no other template to go back to
        boolean another = !reason.map(RollReason.RESTART.name()::equals).orElse(false);
        if (failure.isPresent() && plan.revertsOnFailure() && another && remembered.template().isPresent()
                && !remembered.tookBack(digest)) {
            return revert(context, servers, annotations, remembered.failed(digest, failure.get()));
        }
        boolean proved = action instanceof RollAction.Rest && !remembered.tookBack(digest);
        (proved ? remembered.proved(template) : remembered).write(annotations);
        boolean touchesOld = action instanceof RollAction.Replace || action instanceof RollAction.Surge;
        if (touchesOld && reason.isEmpty()) {
            // the template was changed by somebody else, as `kubectl rollout restart` does
            reason = Optional.of(RollReason.RESTART.name());
            context.record(EventReason.RollStarted,
                    "servers will be replaced one by one: " + RollReason.RESTART.text());
        }
        if (!(action instanceof RollAction.Rest || action instanceof RollAction.Guard)) {
            reason.ifPresent(name -> annotations.put(REASON, name));
        }
        int toReplicas = switch (action) {
            case RollAction.ScaleUp up -> up.replicas();
            case RollAction.ScaleDown down -> down.replicas();
            case RollAction.Surge surge -> surge.replicas();
            default -> replicas;
        };
        int toPartition = switch (action) {
            case RollAction.Surge surge -> surge.partition();
            case RollAction.Replace replace -> replace.partition();
            case RollAction.Guard _ -> Roll.GUARD;
            default -> partition;
        };
        context.apply(ServerStatefulSet.of(plan, template, toReplicas, toPartition, annotations));
        record(context, action, reason, replicas, partition);
        if (action instanceof RollAction.Guard || action instanceof RollAction.Rest) {
            gate.leave(plan.uid(), seen.now());
            context.memory.upgradeRecorded = false;
        }
        return action;
    }

    /** Takes the failed revision back; the roll itself then replaces those that have it. */
    private static RollAction revert(ReconcileContext context, StatefulSet servers, Map<String, String> annotations,
            TemplateMemory remembered) {
        String cause = remembered.cause().orElse("");
        remembered.write(annotations);
        annotations.put(REASON, RollReason.REVERT.name());
        context.record(EventReason.RollReverted, "the last good revision goes back: " + cause);
        context.problem(Problem.fatal("RollReverted", "the servers go back to the last good revision, until the spec"
                + " changes; the one of the spec failed: " + cause));
        context.apply(ServerStatefulSet.of(context.seen.plan(), remembered.template().orElseThrow(),
                servers.getSpec().getReplicas(), Roll.GUARD, annotations));
        return new RollAction.Wait(true, RollReason.REVERT.text());
    }

    /**
     * A roll of which one step takes longer than its deadline is said, once; it goes on as soon as it can.
     *
     * @return why the new revision failed, when it did: at the deadline, or before it when a new server is in trouble
     *     that does not mend itself
     */
    private static Optional<String> stalled(ReconcileContext context, RollInput input, RollAction action) {
        Observation seen = context.seen;
        long renewed = input.servers()
                .stream()
                .filter(server -> server.ready() && server.revision().equals(input.updateRevision()))
                .count();
        boolean draining = input.servers().stream().anyMatch(ServerState::terminating);
        Instant since = context.memory.stepSince(input.updateRevision() + " " + input.partition() + " "
                + input.replicas() + (draining ? " draining" : ""), renewed, seen.now());
        Duration deadline = seen.plan().progressDeadline();
        boolean waits = action instanceof RollAction.Wait(boolean rolling, String _) && rolling && !draining;
        boolean stalled = waits && since.plus(deadline).isBefore(seen.now());
        if (stalled) {
            String why = "the roll made no progress for " + deadline.toSeconds() + " s: "
                    + ((RollAction.Wait) action).reason()
                    + "; the other servers stay as they are until the spec is mended or reverted";
            context.problem(Problem.partial("RollStalled", why));
            if (!context.memory.stalled) {
                context.record(EventReason.RollStalled, why);
            }
        }
        context.memory.stalled = stalled;
        if (!waits) {
            return Optional.empty();
        }
        String troubles = PodTrouble
                .of(seen.pods()
                        .stream()
                        .filter(pod -> ServerPods.state(pod).revision().equals(input.updateRevision()))
                        .toList())
                .stream()
                .filter(problem -> !problem.reason().equals("Unschedulable"))
                .map(Problem::message)
                .collect(Collectors.joining("; "));
        boolean broken = !troubles.isEmpty() && since.plus(BROKEN).isBefore(seen.now());
        return stalled || broken
                ? Optional.of(((RollAction.Wait) action).reason() + (troubles.isEmpty() ? "" : "; " + troubles))
                : Optional.empty();
    }

    private boolean held(ReconcileContext context, Optional<String> reason) {
        if (!reason.map(RollReason.OPERATOR_UPGRADE.name()::equals).orElse(false)) {
            gate.leave(context.seen.plan().uid(), context.seen.now()); // the user's own change took the upgrade's place
            return false;
        }
        ClusterPlan plan = context.seen.plan();
        Map<String, String> annotations = context.seen.cluster().getMetadata().getAnnotations();
        String said = annotations == null ? "" : annotations.getOrDefault(Labels.UPGRADE, "");
        boolean hold = switch (said) {
            case "hold" -> true;
            case "allowed" -> false;
            default -> plan.operator().upgradeRolls() == OperatorSettings.UpgradeRolls.HELD;
        };
        if (hold) {
            if (!context.memory.upgradeRecorded) {
                context.record(EventReason.RollHeld,
                        "the operator is another one and its servers would differ; they stay as"
                                + " they are until the annotation " + Labels.UPGRADE + " is allowed");
            }
            context.memory.upgradeRecorded = true;
            gate.leave(plan.uid(), context.seen.now());
            return true;
        }
        boolean enters = gate.enter(plan.uid(), context.seen.now());
        if (!enters && !context.memory.upgradeRecorded) {
            context.record(EventReason.UpgradeWaiting,
                    "the operator is another one and servers will be replaced, after another cluster's");
            context.memory.upgradeRecorded = true;
        }
        return !enters;
    }

    private static void record(ReconcileContext context, RollAction action, Optional<String> reason, int replicas,
            int partition) {
        switch (action) {
            case RollAction.ScaleUp(int to) ->
                context.record(EventReason.ScaledUp, "from " + replicas + " to " + to + " servers");
            case RollAction.ScaleDown(int to) -> context.record(EventReason.ScaledDown,
                    "from " + replicas + " to " + to + " servers; the last one drains");
            case RollAction.Surge(int to, int _) ->
                context.record(EventReason.Surged, "added a server of the new revision first: " + to + " servers");
            case RollAction.Replace(int ordinal) -> {
                boolean exists = context.seen.pods()
                        .stream()
                        .map(ServerPods::state)
                        .anyMatch(server -> server.ordinal() == ordinal);
                if (exists) {
                    context.record(EventReason.ServerReplaced, "replacing server " + ordinal + " because "
                            + reason.map(RollReason::valueOf).orElse(RollReason.RESTART).text());
                }
            }
            case RollAction.Guard _ -> {
                if (partition == 0) {
                    context.record(EventReason.RollFinished, "all servers are of the new revision");
                }
            }
            case RollAction.Rest _,RollAction.Wait _,RollAction.Hold _ -> {
                // the status alone says so
            }
        }
    }

    /** How many servers there shall be when nothing rolls. */
    private static int wanted(ReconcileContext context, int existing) {
        Observation seen = context.seen;
        ClusterPlan plan = seen.plan();
        Optional<AutoscalingSpec> builtin = plan.autoscaling(AutoscalingProvider.BUILTIN);
        if (builtin.isEmpty()) {
            // as the HorizontalPodAutoscaler has it, which 0 switches off
            return plan.replicas() == 0 ? 0 : Math.max(plan.replicas(), plan.leastReplicas());
        }
        AutoscalingSpec spec = builtin.get();
        Integer connections = spec.targetConnections();
        int current = seen.servers()
                .map(StatefulSet::getMetadata)
                .map(metadata -> metadata.getAnnotations().get(Labels.WANTED))
                .filter(text -> text.matches("[0-9]{1,6}")) // somebody may have written over it
                .map(Integer::parseInt)
                .orElse(existing);
        boolean steady = seen.pods().size() == current && seen.readyPods().size() == current;
        BuiltinScaler.Target target = new BuiltinScaler.Target(ClusterPlan.minReplicas(spec), spec.maxReplicas(),
                connections == null ? Integer.MAX_VALUE : connections, ClusterPlan.scaleDownWindow(spec));
        if (!seen.statuses().silent().isEmpty()) {
            return context.memory.scaler.atLeast(target, current, seen.statuses().atLeast());
        }
        return context.memory.scaler.wanted(target, current, steady,
                seen.readyPods().isEmpty() ? OptionalLong.empty() : seen.connections(), seen.now());
    }

    private static void remember(ReconcileContext context, Map<String, String> annotations, int wanted) {
        context.wanted = OptionalInt.of(wanted);
        if (context.seen.plan().autoscaling(AutoscalingProvider.BUILTIN).isPresent()) {
            annotations.put(Labels.WANTED, Integer.toString(wanted));
        }
    }

    /** The partition; a strategy that somebody replaced has none, and is written again with every server guarded. */
    private static int partition(StatefulSet servers) {
        return Optional.ofNullable(servers.getSpec().getUpdateStrategy())
                .map(StatefulSetUpdateStrategy::getRollingUpdate)
                .map(RollingUpdateStatefulSetStrategy::getPartition)
                .orElse(Roll.GUARD);
    }

    private static boolean observed(StatefulSet servers) {
        return servers.getStatus() != null && servers.getStatus().getObservedGeneration() != null
                && servers.getStatus().getObservedGeneration() >= servers.getMetadata().getGeneration()
                && servers.getStatus().getUpdateRevision() != null;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static Map<String, String> inputs(Map<String, String> annotations) {
        try {
            return JSON.readValue(annotations.getOrDefault(Labels.ROLL_INPUTS, "{}"), new TypeReference<>() {});
        } catch (JsonProcessingException _) {
            return Map.of(); // somebody wrote over it: the roll counts as the operator's
        }
    }

    private static String json(Map<String, String> inputs) {
        try {
            return JSON.writeValueAsString(inputs);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
