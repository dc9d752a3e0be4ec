package dev.reverb.operator.desired;

import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.ForeignKind;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All objects of foreign kinds that a cluster asks for, by kind; which of them can be made is not decided here. */
public final class ForeignObjects {
    private ForeignObjects() {}

    /** The objects. */
    public static Map<ForeignKind, GenericKubernetesResource> of(ClusterPlan plan) {
        Map<ForeignKind, GenericKubernetesResource> objects = new EnumMap<>(ForeignKind.class);
        add(objects, ForeignKind.HTTP_ROUTE, ServerRoute.of(plan));
        add(objects, ForeignKind.POD_MONITOR, ServerPodMonitor.of(plan));
        add(objects, ForeignKind.PROMETHEUS_RULE, ServerRules.of(plan));
        add(objects, ForeignKind.CERTIFICATE, ServerCertificate.of(plan));
        return objects;
    }

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

    private static void add(Map<ForeignKind, GenericKubernetesResource> objects, ForeignKind kind,
            Optional<GenericKubernetesResource> object) {
        object.ifPresent(present -> objects.put(kind, present));
    }

    /** An object of {@code kind} with {@code spec}, and {@code labels} beside the operator's. */
    static GenericKubernetesResource make(ForeignKind kind, ClusterPlan plan, Map<String, Object> spec,
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
