package dev.reverb.operator.reconcile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reverb.crd.AutoscalingProvider;
import dev.reverb.crd.AutoscalingSpec;
import dev.reverb.operator.desired.ClientService;
import dev.reverb.operator.desired.NodesService;
import dev.reverb.operator.desired.ServerAccount;
import dev.reverb.operator.desired.ServerStatefulSet;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.roll.Roll;
import dev.reverb.operator.roll.RollAction;
import dev.reverb.operator.roll.RollInput;
import dev.reverb.operator.roll.RollReason;
import dev.reverb.operator.scale.BuiltinScaler;
import dev.reverb.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The servers: their StatefulSet, whose number and partition the {@link Roll} decides, and what they need beside it.
 */
final class ServersAction {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String REASON = "reverb.dev/roll-reason";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final UpgradeGate gate;

    ServersAction(UpgradeGate gate) {
        this.gate = gate;
    }

    /**
     * Acts.
     *
     * @param secretsDigest of what servers read at start; empty leaves them as they are
     * @return what was decided
     */
    RollAction run(Act act, Optional<String> secretsDigest) {
        ClusterPlan plan = act.seen.plan();
        act.apply(ServerAccount.of(plan));
        act.apply(NodesService.of(plan));
        act.apply(ClientService.of(plan));
        if (secretsDigest.isEmpty()) {
            return new RollAction.Wait(false, "a Secret of Redis is missing");
        }
        PodTemplateSpec template = ServerStatefulSet.template(plan, secretsDigest.get());
        Map<String, String> annotations = new TreeMap<>();
        annotations.put(Labels.TEMPLATE, ServerStatefulSet.digest(template));
        annotations.put(Labels.ROLL_INPUTS, json(RollReason.inputs(plan, secretsDigest.get())));
        if (act.seen.servers().isEmpty()) {
            int wanted = wanted(act, plan.leastReplicas());
            remember(plan, annotations, wanted);
            act.tell(Happening.ServersCreated, "made " + wanted + " servers of " + plan.image());
            act.apply(ServerStatefulSet.of(plan, template, wanted, Roll.GUARD, annotations));
            return new RollAction.Wait(false, "the servers are starting");
        }
        StatefulSet servers = act.seen.servers().get();
        int wanted = wanted(act, servers.getSpec().getReplicas());
        remember(plan, annotations, wanted);
        Map<String, String> before = servers.getMetadata().getAnnotations();
        if (!annotations.get(Labels.TEMPLATE).equals(before.get(Labels.TEMPLATE))) {
            return newTemplate(act, servers, template, annotations);
        }
        return step(act, servers, template, annotations, wanted);
    }

    private RollAction newTemplate(Act act, StatefulSet servers, PodTemplateSpec template,
            Map<String, String> annotations) {
        RollReason reason = RollReason.of(inputs(servers.getMetadata().getAnnotations()), inputs(annotations));
        annotations.put(REASON, reason.name());
        act.tell(Happening.RollStarted, "servers will be replaced one by one: " + reason.text());
        // the partition guards every server: from here on the roll decides who is replaced, and when
        act.apply(ServerStatefulSet.of(act.seen.plan(), template, servers.getSpec().getReplicas(), Roll.GUARD,
                annotations));
        return new RollAction.Wait(true, "a new revision was made: " + reason.text());
    }

    private RollAction step(Act act, StatefulSet servers, PodTemplateSpec template, Map<String, String> annotations,
            int wanted) {
        Observation seen = act.seen;
        ClusterPlan plan = seen.plan();
        int replicas = servers.getSpec().getReplicas();
        int partition = servers.getSpec().getUpdateStrategy().getRollingUpdate().getPartition();
        Optional<String> reason = Optional.ofNullable(servers.getMetadata().getAnnotations().get(REASON));
        Instant since = act.memory.disturbed(seen.pods(), seen.now());
        act.memory.history.add(seen.now(), seen.connections());
        boolean settled = seen.pods().isEmpty() || act.memory.history.settled(since, plan.settleTimeout(), seen.now());
        RollInput input = new RollInput(wanted, plan.surge(wanted), replicas, partition,
                orEmpty(servers.getStatus() == null ? null : servers.getStatus().getCurrentRevision()),
                orEmpty(servers.getStatus() == null ? null : servers.getStatus().getUpdateRevision()),
                observed(servers), seen.pods().stream().map(Servers::state).toList(), settled, held(act, reason),
                PATIENCE, seen.now());
        RollAction action = Roll.next(input);
        boolean touchesOld = action instanceof RollAction.Replace || action instanceof RollAction.Surge;
        if (touchesOld && reason.isEmpty()) {
            // the template was changed by somebody else, as `kubectl rollout restart` does
            reason = Optional.of(RollReason.RESTART.name());
            act.tell(Happening.RollStarted, "servers will be replaced one by one: " + RollReason.RESTART.text());
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
        act.apply(ServerStatefulSet.of(plan, template, toReplicas, toPartition, annotations));
        tell(act, action, reason, replicas, partition);
        if (action instanceof RollAction.Guard || action instanceof RollAction.Rest) {
            gate.leave(plan.uid(), seen.now());
            act.memory.upgradeTold = false;
        }
        return action;
    }

    private boolean held(Act act, Optional<String> reason) {
        if (!reason.map(RollReason.OPERATOR_UPGRADE.name()::equals).orElse(false)) {
            return false;
        }
        ClusterPlan plan = act.seen.plan();
        Map<String, String> annotations = act.seen.cluster().getMetadata().getAnnotations();
        String said = annotations == null ? "" : annotations.getOrDefault(Labels.UPGRADE, "");
        boolean hold = switch (said) {
            case "hold" -> true;
            case "allowed" -> false;
            default -> plan.operator().upgradeRolls() == OperatorSettings.UpgradeRolls.HELD;
        };
        if (hold) {
            if (!act.memory.upgradeTold) {
                act.tell(Happening.RollHeld, "the operator is another one and its servers would differ; they stay as"
                        + " they are until the annotation " + Labels.UPGRADE + " is allowed");
            }
            act.memory.upgradeTold = true;
            return true;
        }
        boolean enters = gate.enter(plan.uid(), act.seen.now());
        if (!enters && !act.memory.upgradeTold) {
            act.tell(Happening.UpgradeWaiting,
                    "the operator is another one and servers will be replaced, after another cluster's");
            act.memory.upgradeTold = true;
        }
        return !enters;
    }

    private static void tell(Act act, RollAction action, Optional<String> reason, int replicas, int partition) {
        switch (action) {
            case RollAction.ScaleUp(int to) ->
                act.tell(Happening.ScaledUp, "from " + replicas + " to " + to + " servers");
            case RollAction.ScaleDown(int to) ->
                act.tell(Happening.ScaledDown, "from " + replicas + " to " + to + " servers; the last one drains");
            case RollAction.Surge(int to, int _) ->
                act.tell(Happening.Surged, "added a server of the new revision first: " + to + " servers");
            case RollAction.Replace(int ordinal) -> {
                boolean exists = act.seen.pods()
                        .stream()
                        .map(Servers::state)
                        .anyMatch(server -> server.ordinal() == ordinal);
                if (exists) {
                    act.tell(Happening.ServerReplaced, "replacing server " + ordinal + " because "
                            + reason.map(RollReason::valueOf).orElse(RollReason.RESTART).text());
                }
            }
            case RollAction.Guard _ -> {
                if (partition == 0) {
                    act.tell(Happening.RollFinished, "all servers are of the new revision");
                }
            }
            case RollAction.Rest _,RollAction.Wait _,RollAction.Hold _ -> {
                // told by the status alone
            }
        }
    }

    /** How many servers there shall be when nothing rolls. */
    private static int wanted(Act act, int existing) {
        Observation seen = act.seen;
        ClusterPlan plan = seen.plan();
        Optional<AutoscalingSpec> builtin = plan.autoscaling(AutoscalingProvider.BUILTIN);
        if (builtin.isEmpty()) {
            return plan.replicas();
        }
        AutoscalingSpec spec = builtin.get();
        Integer connections = spec.targetConnections();
        int current = seen.servers()
                .map(StatefulSet::getMetadata)
                .map(metadata -> metadata.getAnnotations().get(Labels.WANTED))
                .map(Integer::parseInt)
                .orElse(existing);
        boolean steady = seen.pods().size() == current && seen.readyPods().size() == current;
        return act.memory.scaler.wanted(
                new BuiltinScaler.Target(ClusterPlan.minReplicas(spec), spec.maxReplicas(),
                        connections == null ? Integer.MAX_VALUE : connections, ClusterPlan.scaleDownWindow(spec)),
                current, steady, seen.readyPods().isEmpty() ? OptionalLong.empty() : seen.connections(), seen.now());
    }

    private static void remember(ClusterPlan plan, Map<String, String> annotations, int wanted) {
        if (plan.autoscaling(AutoscalingProvider.BUILTIN).isPresent()) {
            annotations.put(Labels.WANTED, Integer.toString(wanted));
        }
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
