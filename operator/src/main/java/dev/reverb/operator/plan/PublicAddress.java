package dev.reverb.operator.plan;

import dev.reverb.crd.GatewaySpec;
import dev.reverb.crd.IngressSpec;
import dev.reverb.crd.ReverbClusterSpec;

/**
 * Where clients and back ends connect to.
 *
 * @param secure whether by TLS
 * @param host a name
 * @param port a port
 */
public record PublicAddress(boolean secure, String host, int port) {

    /** The Ingress's or Gateway's host, or else the client Service within the cluster. */
    static PublicAddress of(ReverbClusterSpec spec, String service, String namespace) {
        IngressSpec ingress = spec.ingress();
        if (ingress != null) {
            boolean secure = ingress.tls() != null;
            return new PublicAddress(secure, ingress.host(), secure ? 443 : 80);
        }
        GatewaySpec gateway = spec.gateway();
        if (gateway != null && gateway.hostnames() != null && !gateway.hostnames().isEmpty()) {
            boolean secure = gateway.tls() == null || gateway.tls();
            return new PublicAddress(secure, gateway.hostnames().getFirst(), secure ? 443 : 80);
        }
        return new PublicAddress(spec.tls() != null, service + "." + namespace + ".svc", ClusterPlan.HTTP_PORT);
    }

    /** {@code http} or {@code https}. */
    public String scheme() {
        return secure ? "https" : "http";
    }

    /** The WebSocket URL, without the port that its scheme implies. */
    public String url() {
        boolean implied = port == (secure ? 443 : 80);
        return (secure ? "wss://" : "ws://") + host + (implied ? "" : ":" + port);
    }
}
