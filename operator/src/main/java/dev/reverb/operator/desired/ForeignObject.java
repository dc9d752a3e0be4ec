package dev.reverb.operator.desired;

import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.ForeignKind;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One object of a kind that another project defines: its name, the field that asks for it, its shape. */
public final class ForeignObject {
    private ForeignObject() {}

    /** The name of the object of {@code kind}. */
    public static String name(ForeignKind kind, ClusterPlan plan) {
        return kind == ForeignKind.CERTIFICATE ? plan.names().tls() : plan.names().server();
    }

    /** The field that asks for {@code kind}. */
    public static String field(ForeignKind kind) {
        return switch (kind) {
            case HTTP_ROUTE -> "spec.gateway";
            case POD_MONITOR -> "spec.monitoring.podMonitor";
            case PROMETHEUS_RULE -> "spec.monitoring.rules";
            case CERTIFICATE -> "spec.tls.issuerRef";
        };
    }

    /** An object of {@code kind} with {@code spec}, and {@code labels} beside the operator's. */
    public static GenericKubernetesResource make(ForeignKind kind, ClusterPlan plan, Map<String, Object> spec,
            @Nullable Map<String, String> labels) {
        ObjectMeta metadata = plan.owned(name(kind, plan), Labels.SERVER);
        if (labels != null) {
            labels.forEach(metadata.getLabels()::putIfAbsent);
        }
        GenericKubernetesResource object = new GenericKubernetesResource();
        object.setApiVersion(kind.apiVersion());
        object.setKind(kind.kind());
        object.setMetadata(metadata);
        object.setAdditionalProperty("spec", spec);
        return object;
    }
}
