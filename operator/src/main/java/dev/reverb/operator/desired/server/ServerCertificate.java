package dev.reverb.operator.desired.server;

import dev.reverb.crd.IssuerRef;
import dev.reverb.crd.TlsSpec;
import dev.reverb.operator.desired.ForeignObject;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.ForeignKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** A Certificate of cert-manager for the servers' own TLS; its renewal reaches them through the mounted Secret. */
public final class ServerCertificate {
    private ServerCertificate() {}

    public static Optional<GenericKubernetesResource> of(ClusterPlan plan) {
        TlsSpec tls = plan.spec().tls();
        if (tls == null || tls.issuerRef() == null) {
            return Optional.empty();
        }
        IssuerRef issuer = tls.issuerRef();
        return Optional.of(ForeignObject.make(ForeignKind.CERTIFICATE, plan, Map.of( //
                "secretName", plan.tlsSecret().orElseThrow(), //
                "dnsNames", names(plan, tls), //
                "issuerRef", Map.of("name", issuer.name(), "kind", Objects.requireNonNullElse(issuer.kind(), "Issuer"),
                        "group", Objects.requireNonNullElse(issuer.group(), "cert-manager.io"))),
                null));
    }

    private static List<String> names(ClusterPlan plan, TlsSpec tls) {
        if (tls.dnsNames() != null && !tls.dnsNames().isEmpty()) {
            return tls.dnsNames();
        }
        String service = plan.names().server() + "." + plan.namespace();
        Set<String> names = new LinkedHashSet<>(
                List.of(plan.publicAddress().host(), plan.names().server(), service, service + ".svc"));
        if (plan.apiApart()) {
            String api = plan.names().api() + "." + plan.namespace();
            names.addAll(List.of(plan.names().api(), api, api + ".svc"));
        }
        return List.copyOf(names);
    }
}
