package dev.reverb.operator.desired.exposure;

import dev.reverb.crd.IngressSpec;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPath;
import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPathBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressTLS;
import io.fabric8.kubernetes.api.model.networking.v1.IngressTLSBuilder;
import java.util.List;
import java.util.Optional;

/** Publishes the client Service under a host. */
public final class ServerIngress {
    private ServerIngress() {}

    /** The Ingress, when one is asked for. */
    public static Optional<Ingress> of(ClusterPlan plan) {
        return Optional.ofNullable(plan.spec().ingress()).map(ingress -> of(plan, ingress));
    }

    private static Ingress of(ClusterPlan plan, IngressSpec ingress) {
        ObjectMeta metadata = plan.owned(plan.names().server(), Labels.SERVER);
        metadata.setAnnotations(IngressAnnotations.of(plan, ingress));
        return new IngressBuilder().withMetadata(metadata)
                .withNewSpec()
                .withIngressClassName(ingress.className())
                .withTls(tls(ingress))
                .addNewRule()
                .withHost(ingress.host())
                .withNewHttp()
                .withPaths(paths(plan))
                .endHttp()
                .endRule()
                .endSpec()
                .build();
    }

    /**
     * Everything, or /app alone where the HTTP API is apart, and /apps by its own Service if that is to be published.
     */
    private static List<HTTPIngressPath> paths(ClusterPlan plan) {
        if (!plan.apiApart()) {
            return List.of(path("/", plan.names().server()));
        }
        HTTPIngressPath clients = path("/app", plan.names().server());
        return plan.apiPublished() ? List.of(clients, path("/apps", plan.names().api())) : List.of(clients);
    }

    private static HTTPIngressPath path(String path, String service) {
        return new HTTPIngressPathBuilder().withPath(path)
                .withPathType("Prefix")
                .withNewBackend()
                .withNewService()
                .withName(service)
                .withNewPort()
                .withName("http")
                .endPort()
                .endService()
                .endBackend()
                .build();
    }

    private static List<IngressTLS> tls(IngressSpec ingress) {
        if (ingress.tls() == null) {
            return List.of();
        }
        return List.of(
                new IngressTLSBuilder().withHosts(ingress.host()).withSecretName(ingress.tls().secretName()).build());
    }
}
