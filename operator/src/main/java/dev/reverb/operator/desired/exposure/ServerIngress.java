package dev.reverb.operator.desired.exposure;

import dev.reverb.crd.IngressSpec;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.ObjectMeta;
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
                .addNewPath()
                .withPath("/")
                .withPathType("Prefix")
                .withNewBackend()
                .withNewService()
                .withName(plan.names().server())
                .withNewPort()
                .withName("http")
                .endPort()
                .endService()
                .endBackend()
                .endPath()
                .endHttp()
                .endRule()
                .endSpec()
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
