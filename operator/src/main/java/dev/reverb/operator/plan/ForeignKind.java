package dev.reverb.operator.plan;

/** Kinds that other projects define and that a Kubernetes may lack. */
public enum ForeignKind {
    HTTP_ROUTE("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes"), //
    POD_MONITOR("monitoring.coreos.com", "v1", "PodMonitor", "podmonitors"), //
    PROMETHEUS_RULE("monitoring.coreos.com", "v1", "PrometheusRule", "prometheusrules"), //
    CERTIFICATE("cert-manager.io", "v1", "Certificate", "certificates");

    private final String group;
    private final String version;
    private final String kind;
    private final String plural;

    ForeignKind(String group, String version, String kind, String plural) {
        this.group = group;
        this.version = version;
        this.kind = kind;
        this.plural = plural;
    }

    public String group() {
        return group;
    }

    public String version() {
        return version;
    }

    public String apiVersion() {
        return group + "/" + version;
    }

    public String kind() {
        return kind;
    }

    public String plural() {
        return plural;
    }
}
