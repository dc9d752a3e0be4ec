package dev.reverb.operator.desired.server;

import dev.reverb.crd.AutoscalingProvider;
import dev.reverb.crd.AutoscalingSpec;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpecBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A HorizontalPodAutoscaler aimed at the ReverbCluster's {@code scale}, so that nobody writes {@code replicas} against
 * it. CPU is a target only when it is asked for: a metric that is missing blocks scaling down.
 */
public final class ServerAutoscaler {
    /** The metric of pods that an adapter has to serve. */
    public static final String METRIC = "reverb_connections";

    private ServerAutoscaler() {}

    /** The autoscaler, when one is asked for. */
    public static Optional<HorizontalPodAutoscaler> of(ClusterPlan plan) {
        return plan.autoscaling(AutoscalingProvider.HPA).map(scaling -> of(plan, scaling));
    }

    private static HorizontalPodAutoscaler of(ClusterPlan plan, AutoscalingSpec scaling) {
        int window = (int) ClusterPlan.scaleDownWindow(scaling).toSeconds();
        // one server per drain; the API takes at most half an hour
        int period = Math.clamp(plan.terminationGrace().toSeconds(), 1, 1800);
        return new HorizontalPodAutoscalerBuilder().withMetadata(plan.owned(plan.names().server(), Labels.SERVER))
                .withNewSpec()
                .withNewScaleTargetRef()
                .withApiVersion("reverb.dev/v1")
                .withKind("ReverbCluster")
                .withName(plan.name())
                .endScaleTargetRef()
                .withMinReplicas(ClusterPlan.minReplicas(scaling))
                .withMaxReplicas(scaling.maxReplicas())
                .withMetrics(metrics(scaling))
                .withNewBehavior()
                .withNewScaleUp()
                .withStabilizationWindowSeconds(0)
                .withSelectPolicy("Max")
                .addNewPolicy()
                .withType("Percent")
                .withValue(100)
                .withPeriodSeconds(15)
                .endPolicy()
                .addNewPolicy()
                .withType("Pods")
                .withValue(4)
                .withPeriodSeconds(15)
                .endPolicy()
                .endScaleUp()
                .withNewScaleDown()
                .withStabilizationWindowSeconds(window)
                .withSelectPolicy("Max")
                .addNewPolicy()
                .withType("Pods")
                .withValue(1)
                .withPeriodSeconds(period)
                .endPolicy()
                .endScaleDown()
                .endBehavior()
                .endSpec()
                .build();
    }

    private static List<MetricSpec> metrics(AutoscalingSpec scaling) {
        List<MetricSpec> metrics = new ArrayList<>();
        if (scaling.targetConnections() != null) {
            metrics.add(new MetricSpecBuilder().withType("Pods")
                    .withNewPods()
                    .withNewMetric()
                    .withName(METRIC)
                    .endMetric()
                    .withNewTarget()
                    .withType("AverageValue")
                    .withAverageValue(new Quantity(scaling.targetConnections().toString()))
                    .endTarget()
                    .endPods()
                    .build());
        }
        if (scaling.targetCPU() != null) {
            metrics.add(new MetricSpecBuilder().withType("Resource")
                    .withNewResource()
                    .withName("cpu")
                    .withNewTarget()
                    .withType("Utilization")
                    .withAverageUtilization(scaling.targetCPU())
                    .endTarget()
                    .endResource()
                    .build());
        }
        return metrics;
    }
}
