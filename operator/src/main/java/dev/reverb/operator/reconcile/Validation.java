package dev.reverb.operator.reconcile;

import dev.reverb.crd.AutoscalingProvider;
import dev.reverb.operator.desired.redis.RedisStatefulSet;
import dev.reverb.operator.desired.server.ServerStatefulSet;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.report.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What the schema cannot refuse and only the operator can see before it acts. Pure. */
final class Validation {
    private Validation() {}

    /** Problems of the spec, in its order. */
    static List<Problem> of(ClusterPlan plan) {
        List<Problem> problems = new ArrayList<>();
        plan.autoscaling(AutoscalingProvider.HPA).ifPresent(scaling -> {
            if (ClusterPlan.scaleDownWindow(scaling).compareTo(Duration.ofHours(1)) > 0) {
                problems.add(Problem.fatal("InvalidSpec", "spec.autoscaling.scaleDownWindow: a"
                        + " HorizontalPodAutoscaler takes at most 1h; write 1h or less, or provider: builtin"));
            }
        });
        if (plan.terminationGrace().compareTo(Duration.ofHours(24)) > 0) {
            problems.add(Problem.fatal("InvalidSpec",
                    "spec.drain: endpointGrace and duration are more than a day" + " together; write less"));
        }
        try {
            ServerStatefulSet.template(plan, "");
        } catch (IllegalArgumentException e) {
            problems.add(Problem.fatal("InvalidSpec", String.valueOf(e.getMessage())));
        }
        plan.managedRedis().ifPresent(redis -> {
            try {
                RedisStatefulSet.template(plan, redis, false);
            } catch (IllegalArgumentException e) {
                problems.add(Problem.fatal("InvalidSpec", String.valueOf(e.getMessage())));
            }
        });
        return problems;
    }
}
