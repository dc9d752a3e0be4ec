package dev.reverb.operator.rbac;

import java.util.List;

/**
 * One rule of a role, and why it is needed. {@code operator/src/main/rbac} is written from here; the tests run the
 * operator with exactly this.
 *
 * @param scope where the rule belongs
 * @param group API group, empty for the core
 * @param resources plural names
 * @param verbs allowed
 * @param reason for whoever reviews the role
 */
public record Permission(Scope scope, String group, List<String> resources, List<String> verbs, String reason) {

    /** Where a rule belongs. */
    public enum Scope {
        /** A Role in every watched namespace, or a ClusterRole. */
        NAMESPACE("namespace-rules.yaml"),
        /** A ClusterRole, always: these resources have no namespace. All of it may be refused. */
        CLUSTER("cluster-rules.yaml"),
        /** A Role in the operator's own namespace. */
        LEADER("leader-rules.yaml");

        private final String file;

        Scope(String file) {
            this.file = file;
        }

        /** The file in {@code operator/src/main/rbac}. */
        public String file() {
            return file;
        }
    }

    private static final List<String> OWN = List.of("get", "list", "watch", "create", "patch", "delete");
    private static final List<String> FOREIGN = List.of("get", "create", "patch", "delete");

    /** Everything that the operator is allowed. */
    public static final List<Permission> ALL = List.of(
            namespaced("reverb.dev", List.of("reverbclusters"), List.of("get", "list", "watch"),
                    "what it reconciles; it never writes a spec"),
            namespaced("reverb.dev", List.of("reverbapps"), List.of("get", "list", "watch", "patch"),
                    "what it reconciles; patch for the finalizer alone"),
            namespaced("reverb.dev", List.of("reverbclusters/status", "reverbapps/status"), List.of("patch"),
                    "status, by server-side apply"),
            namespaced("reverb.dev", List.of("reverbclusters/finalizers", "reverbapps/finalizers"), List.of("update"),
                    "asked for by clusters that check blockOwnerDeletion, such as OpenShift; otherwise not used"),
            namespaced("", List.of("services", "secrets", "configmaps"), OWN,
                    "the cluster's objects; get to see whether a name is somebody else's, delete for what the spec no"
                            + " longer asks for; watching Secrets makes a rotated one live at once"),
            namespaced("", List.of("serviceaccounts"), List.of("get", "list", "watch", "create", "patch"),
                    "the servers' identity, which is allowed nothing"),
            namespaced("", List.of("pods"), List.of("list", "watch", "patch", "delete"),
                    "patch an annotation so that a changed mount is refreshed at once; delete what is on a dead node"),
            namespaced("", List.of("events"), List.of("create", "patch", "list"),
                    "tells every action; list is for why a StatefulSet cannot create a Pod, which stands nowhere else"),
            namespaced("apps", List.of("statefulsets"), OWN, "servers and the managed Redis"),
            namespaced("", List.of("persistentvolumeclaims"), List.of("get", "patch"),
                    "the managed Redis's volume grows when spec.redis.managed.storage.size does"),
            namespaced("networking.k8s.io", List.of("ingresses", "networkpolicies"), OWN, "what the spec asks for"),
            namespaced("policy", List.of("poddisruptionbudgets"), OWN, "what the spec asks for"),
            namespaced("autoscaling", List.of("horizontalpodautoscalers"), OWN, "what the spec asks for"),
            namespaced("gateway.networking.k8s.io", List.of("httproutes"), FOREIGN, "where the Gateway API is"),
            namespaced("monitoring.coreos.com", List.of("podmonitors", "prometheusrules"), FOREIGN,
                    "where the Prometheus operator is"),
            namespaced("cert-manager.io", List.of("certificates"), FOREIGN, "where cert-manager is"),
            new Permission(Scope.CLUSTER, "storage.k8s.io", List.of("storageclasses"), List.of("list"),
                    "whether there is a default one for Redis; refused, Redis stays in memory unless a class is named"),
            new Permission(Scope.CLUSTER, "", List.of("nodes"), List.of("get"),
                    "whether a pod's node is dead; refused, its servers and Redis wait for Kubernetes"),
            new Permission(Scope.LEADER, "coordination.k8s.io", List.of("leases"),
                    List.of("get", "create", "patch", "update"),
                    "leader election; update is asked for by the framework at start and not used"));

    private static Permission namespaced(String group, List<String> resources, List<String> verbs, String reason) {
        return new Permission(Scope.NAMESPACE, group, resources, verbs, reason);
    }

    /** The rules of {@code scope} as a YAML list, to stand below {@code rules:}. */
    public static String yaml(Scope scope) {
        StringBuilder yaml = new StringBuilder(
                "# Written from dev.reverb.operator.rbac.Permission; a test keeps it" + " current.\n");
        ALL.stream()
                .filter(permission -> permission.scope() == scope)
                .forEach(permission -> yaml.append("# ")
                        .append(permission.reason())
                        .append('\n')
                        .append("- apiGroups: [\"")
                        .append(permission.group())
                        .append("\"]\n  resources: [")
                        .append(String.join(", ", permission.resources()))
                        .append("]\n  verbs: [")
                        .append(String.join(", ", permission.verbs()))
                        .append("]\n"));
        return yaml.toString();
    }
}
