package dev.reverb.operator.act.redis;

import dev.reverb.crd.ManagedRedisSpec;
import dev.reverb.operator.act.ReconcileContext;
import dev.reverb.operator.desired.PodTemplatePatch;
import dev.reverb.operator.desired.TemplateMemory;
import dev.reverb.operator.observe.RedisPods;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Digest;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.report.EventReason;
import dev.reverb.operator.report.PodTrouble;
import dev.reverb.operator.report.Problem;
import dev.reverb.operator.roll.UpgradeGate;
import dev.reverb.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which pod template the managed Redis gets. One that differs although nobody changed the spec comes of an operator
 * upgrade: it is applied when the gate lets this cluster through, and not while its upgrade is held. One that fails is
 * taken back where {@code spec.rollout.onFailure} says so. Confined to the cluster's reconciles.
 */
final class RedisUpgrade {
    /** How long the kubelet's tries at an image or a crashing Redis count as tries. */
    private static final Duration BROKEN = Duration.ofMinutes(1);

    private final KubernetesClient client;
    private final UpgradeGate gate;

    RedisUpgrade(KubernetesClient client, UpgradeGate gate) {
        this.client = client;
        this.gate = gate;
    }

    /** What to apply now: {@code desired}, or the template that runs while an upgrade waits, or the last good one. */
    StatefulSet allowed(ReconcileContext context, StatefulSet desired, ManagedRedisSpec redis) {
        ClusterPlan plan = context.seen.plan();
        String template = PodTemplatePatch.digest(desired.getSpec().getTemplate());
        String inputs = Digest.of(PodTemplatePatch.text(redis) + plan.imagePullSecrets());
        Optional<StatefulSet> present = context.seen.redis();
        Map<String, String> before = present.map(set -> set.getMetadata().getAnnotations()).orElse(Map.of());
        TemplateMemory remembered = TemplateMemory.of(before);
        String running = before.get(Labels.TEMPLATE);
        if (running == null) {
            return annotated(desired, template, inputs, remembered);
        }
        if (running.equals(template)) {
            TemplateMemory now = judged(context, present.orElseThrow(), desired, template, remembered);
            return annotated(now.tookBack(template) ? with(desired, now.template().orElseThrow()) : desired, template,
                    inputs, now);
        }
        if (!inputs.equals(before.get(Labels.ROLL_INPUTS))) {
            context.record(EventReason.RedisReplaced, "Redis restarts because spec.redis.managed changed");
            return annotated(desired, template, inputs, remembered.anew());
        }
        if (waits(context)) {
            return annotated(with(desired, present.orElseThrow().getSpec().getTemplate()), running, inputs, remembered);
        }
        context.memory.redisUpgradeRecorded = false;
        context.record(EventReason.RedisReplaced, "Redis restarts because the operator is another one");
        return annotated(desired, template, inputs, remembered.anew());
    }

    /** What is known of the template that the spec asks for, by how the pod is. */
    private TemplateMemory judged(ReconcileContext context, StatefulSet present, StatefulSet desired, String template,
            TemplateMemory remembered) {
        if (remembered.tookBack(template)) {
            context.problem(reverted("runs", remembered));
            return remembered;
        }
        StatefulSetStatus status = present.getStatus();
        boolean observed = status != null && status.getObservedGeneration() != null
                && status.getObservedGeneration() >= present.getMetadata().getGeneration();
        if (observed && RedisPods.settled(present)) {
            context.memory.redisReady();
            return remembered.proved(desired.getSpec().getTemplate());
        }
        Instant since = context.memory.redisSince(template, context.seen.now());
        if (!context.seen.plan().revertsOnFailure() || remembered.template().isEmpty()
                || PodTemplatePatch.digest(remembered.template().get()).equals(template)) {
            return remembered;
        }
        Optional<String> why = failure(context, present, since);
        if (why.isEmpty()) {
            return remembered;
        }
        TemplateMemory failed = remembered.failed(template, why.get());
        context.record(EventReason.RollReverted, "Redis goes back to its last good revision: " + why.get());
        context.problem(reverted("goes back to", failed));
        return failed;
    }

    private static Problem reverted(String does, TemplateMemory remembered) {
        return Problem.fatal("RedisReverted", "Redis " + does + " its last good revision, until spec.redis.managed"
                + " changes; the one of the spec failed: " + remembered.cause().orElse(""));
    }

    /** Why the new revision failed: a pod in trouble that does not mend itself, or none that is ready in time. */
    private Optional<String> failure(ReconcileContext context, StatefulSet present, Instant since) {
        String revision = present.getStatus() == null ? null : present.getStatus().getUpdateRevision();
        List<Pod> pods = RedisPods.of(client, context.seen.plan())
                .stream()
                .filter(pod -> revision != null
                        && revision.equals(pod.getMetadata().getLabels().get("controller-revision-hash")))
                .toList();
        String troubles = PodTrouble.of(pods)
                .stream()
                .filter(problem -> !problem.reason().equals("Unschedulable"))
                .map(Problem::message)
                .collect(Collectors.joining("; "));
        Instant now = context.seen.now();
        Duration deadline = context.seen.plan().progressDeadline();
        if (!troubles.isEmpty() && since.plus(BROKEN).isBefore(now)) {
            return Optional.of(troubles);
        }
        return since.plus(deadline).isBefore(now)
                ? Optional.of("it was not ready for " + deadline.toSeconds() + " s"
                        + (troubles.isEmpty() ? "" : "; " + troubles))
                : Optional.empty();
    }

    private static StatefulSet with(StatefulSet set, PodTemplateSpec template) {
        return new StatefulSetBuilder(set).editSpec().withTemplate(template).endSpec().build();
    }

    private boolean waits(ReconcileContext context) {
        ClusterPlan plan = context.seen.plan();
        Map<String, String> annotations = context.seen.cluster().getMetadata().getAnnotations();
        String said = annotations == null ? "" : annotations.getOrDefault(Labels.UPGRADE, "");
        boolean held = switch (said) {
            case "hold" -> true;
            case "allowed" -> false;
            default -> plan.operator().upgradeRolls() == OperatorSettings.UpgradeRolls.HELD;
        };
        boolean waits = held || !gate.enter(plan.uid(), context.seen.now());
        if (waits && !context.memory.redisUpgradeRecorded) {
            context.memory.redisUpgradeRecorded = true;
            context.record(held ? EventReason.RollHeld : EventReason.UpgradeWaiting, held
                    ? "the operator is another one and its Redis would differ; it stays as it is until the annotation "
                            + Labels.UPGRADE + " is allowed"
                    : "the operator is another one and Redis will be restarted, after another cluster's roll");
        }
        return waits;
    }

    private static StatefulSet annotated(StatefulSet set, String template, String inputs, TemplateMemory remembered) {
        Map<String, String> annotations = new HashMap<>(Map.of(Labels.TEMPLATE, template, Labels.ROLL_INPUTS, inputs));
        remembered.write(annotations);
        return new StatefulSetBuilder(set).editMetadata().addToAnnotations(annotations).endMetadata().build();
    }
}
