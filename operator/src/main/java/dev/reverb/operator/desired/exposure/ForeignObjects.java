package dev.reverb.operator.desired.exposure;

import dev.reverb.operator.desired.monitoring.ServerPodMonitor;
import dev.reverb.operator.desired.monitoring.ServerRules;
import dev.reverb.operator.desired.server.ServerCertificate;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.ForeignKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

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

    private static void add(Map<ForeignKind, GenericKubernetesResource> objects, ForeignKind kind,
            Optional<GenericKubernetesResource> object) {
        object.ifPresent(present -> objects.put(kind, present));
    }
}
