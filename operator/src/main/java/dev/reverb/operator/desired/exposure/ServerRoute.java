package dev.reverb.operator.desired.exposure;

import dev.reverb.crd.GatewaySpec;
import dev.reverb.crd.ParentRef;
import dev.reverb.operator.desired.ForeignObject;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.ForeignKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** An HTTPRoute of the Gateway API to the client Service. */
final class ServerRoute {
    private ServerRoute() {}

    static Optional<GenericKubernetesResource> of(ClusterPlan plan) {
        return Optional.ofNullable(plan.spec().gateway())
                .map(gateway -> ForeignObject.make(ForeignKind.HTTP_ROUTE, plan, spec(plan, gateway), null));
    }

    private static Map<String, Object> spec(ClusterPlan plan, GatewaySpec gateway) {
        Map<String, Object> spec = new TreeMap<>();
        spec.put("parentRefs", gateway.parentRefs().stream().map(ServerRoute::parent).toList());
        if (gateway.hostnames() != null) {
            spec.put("hostnames", gateway.hostnames());
        }
        List<Map<String, Object>> rules = new ArrayList<>();
        Map<String, Object> clients = rule(plan.apiApart() ? "/app" : "/", plan.names().server());
        clients.put("timeouts", Map.of("request", "0s")); // a WebSocket lasts for as long as it likes
        rules.add(clients);
        if (plan.apiApart() && plan.apiPublished()) {
            rules.add(rule("/apps", plan.names().api()));
        }
        spec.put("rules", rules);
        return spec;
    }

    private static Map<String, Object> rule(String prefix, String service) {
        return new TreeMap<>(Map.of( //
                "matches", List.of(Map.of("path", Map.of("type", "PathPrefix", "value", prefix))), //
                "backendRefs", List.of(Map.of("group", "", "kind", "Service", "name", service, "port",
                        ClusterPlan.HTTP_PORT, "weight", 1))));
    }

    private static Map<String, Object> parent(ParentRef reference) {
        Map<String, Object> parent = new TreeMap<>();
        parent.put("group", "gateway.networking.k8s.io");
        parent.put("kind", "Gateway");
        parent.put("name", reference.name());
        if (reference.namespace() != null) {
            parent.put("namespace", reference.namespace());
        }
        if (reference.sectionName() != null) {
            parent.put("sectionName", reference.sectionName());
        }
        if (reference.port() != null) {
            parent.put("port", reference.port());
        }
        return parent;
    }
}
