package dev.reverb.operator.desired.exposure;

import dev.reverb.crd.IngressProfile;
import dev.reverb.crd.IngressSpec;
import dev.reverb.operator.plan.ClusterPlan;
import java.util.Map;
import java.util.TreeMap;

/**
 * The annotations by which each ingress controller keeps a WebSocket open for an hour of silence, does not buffer, and
 * leaves the size of a body to the server. Traefik and GKE take such settings only outside an Ingress.
 */
final class IngressAnnotations {
    private IngressAnnotations() {}

    /** The profile's annotations, with the user's own over them. */
    static Map<String, String> of(ClusterPlan plan, IngressSpec ingress) {
        Map<String, String> annotations = new TreeMap<>(profile(plan, profileOf(ingress)));
        if (ingress.annotations() != null) {
            annotations.putAll(ingress.annotations());
        }
        return annotations;
    }

    /** The profile that is written, or that the class's name suggests. */
    static IngressProfile profileOf(IngressSpec ingress) {
        if (ingress.profile() != null) {
            return ingress.profile();
        }
        return switch (ingress.className()) {
            case "nginx" -> IngressProfile.INGRESS_NGINX;
            case "haproxy" -> IngressProfile.HAPROXY_TECH;
            case "alb" -> IngressProfile.ALB;
            case null, default -> IngressProfile.NONE;
        };
    }

    private static Map<String, String> profile(ClusterPlan plan, IngressProfile profile) {
        boolean tls = plan.tlsSecret().isPresent();
        return switch (profile) {
            case INGRESS_NGINX -> of(tls, "nginx.ingress.kubernetes.io/backend-protocol", "HTTPS",
                    Map.of("nginx.ingress.kubernetes.io/proxy-read-timeout", "3600",
                            "nginx.ingress.kubernetes.io/proxy-send-timeout", "3600",
                            "nginx.ingress.kubernetes.io/proxy-buffering", "off",
                            "nginx.ingress.kubernetes.io/proxy-body-size", "0"));
            case NGINX_INC -> of(tls, "nginx.org/ssl-services",
                    plan.apiApart() && plan.apiPublished() ? plan.names().server() + "," + plan.names().api()
                            : plan.names().server(),
                    Map.of("nginx.org/websocket-services", plan.names().server(), "nginx.org/proxy-read-timeout",
                            "3600s", "nginx.org/proxy-send-timeout", "3600s", "nginx.org/client-max-body-size", "0"));
            case HAPROXY_TECH ->
                of(tls, "haproxy.org/server-ssl", "true", Map.of("haproxy.org/timeout-tunnel", "3600s"));
            case HAPROXY_INGRESS -> of(tls, "haproxy-ingress.github.io/backend-protocol", "h1-ssl",
                    Map.of("haproxy-ingress.github.io/timeout-tunnel", "1h"));
            case ALB -> of(tls, "alb.ingress.kubernetes.io/backend-protocol", "HTTPS",
                    Map.of("alb.ingress.kubernetes.io/target-type", "ip", "alb.ingress.kubernetes.io/healthcheck-path",
                            "/up", "alb.ingress.kubernetes.io/load-balancer-attributes",
                            "idle_timeout.timeout_seconds=3600", "alb.ingress.kubernetes.io/target-group-attributes",
                            "deregistration_delay.timeout_seconds=" + plan.terminationGrace().toSeconds()));
            case NONE -> Map.of();
        };
    }

    private static Map<String, String> of(boolean tls, String tlsKey, String tlsValue, Map<String, String> always) {
        Map<String, String> annotations = new TreeMap<>(always);
        if (tls) {
            annotations.put(tlsKey, tlsValue);
        }
        return annotations;
    }
}
