package dev.reverb.operator.act;

import dev.reverb.crd.ManagedRedisSpec;
import dev.reverb.operator.desired.PodTemplatePatch;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Digest;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.report.EventReason;
import dev.reverb.operator.roll.UpgradeGate;
import dev.reverb.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps an operator upgrade from restarting every managed Redis: a template that differs although nobody changed the
 * spec is applied when the gate lets this cluster through, and not while its upgrade is held. Confined to the
 * cluster's reconciles.
 */
final class RedisUpgrade {
    private final UpgradeGate gate;

    RedisUpgrade(UpgradeGate gate) {
        this.gate = gate;
    }

    /** What to apply now: {@code desired}, or the template that runs while an upgrade waits. */
    StatefulSet allowed(ReconcileContext context, StatefulSet desired, ManagedRedisSpec redis) {
        ClusterPlan plan = context.seen.plan();
        String template = PodTemplatePatch.digest(desired.getSpec().getTemplate());
        String inputs = Digest.of(PodTemplatePatch.text(redis) + plan.imagePullSecrets());
        Optional<StatefulSet> present = context.seen.redis();
        Map<String, String> before = present.map(set -> set.getMetadata().getAnnotations()).orElse(Map.of());
        String running = before.get(Labels.TEMPLATE);
        if (running == null || running.equals(template)) {
            return annotated(desired, template, inputs);
        }
        if (!inputs.equals(before.get(Labels.ROLL_INPUTS))) {
            context.record(EventReason.RedisReplaced, "Redis restarts because spec.redis.managed changed");
            return annotated(desired, template, inputs);
        }
        if (waits(context)) {
            StatefulSet kept = new StatefulSetBuilder(desired).editSpec()
                    .withTemplate(present.orElseThrow().getSpec().getTemplate())
                    .endSpec()
                    .build();
            return annotated(kept, running, inputs);
        }
        context.memory.redisUpgradeRecorded = false;
        context.record(EventReason.RedisReplaced, "Redis restarts because the operator is another one");
        return annotated(desired, template, inputs);
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

    private static StatefulSet annotated(StatefulSet set, String template, String inputs) {
        return new StatefulSetBuilder(set).editMetadata()
                .addToAnnotations(Labels.TEMPLATE, template)
                .addToAnnotations(Labels.ROLL_INPUTS, inputs)
                .endMetadata()
                .build();
    }
}
