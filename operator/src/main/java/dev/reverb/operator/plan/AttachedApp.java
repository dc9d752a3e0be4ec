package dev.reverb.operator.plan;

import dev.reverb.crd.ClusterRef;
import dev.reverb.crd.CredentialRetention;
import dev.reverb.crd.ReverbApp;
import java.util.Comparator;
import java.util.List;

/** Reads ReverbApps: which cluster, which id, which Secret, and who goes first. Pure. */
public final class AttachedApp {
    private AttachedApp() {}

    /** Namespace of the cluster that {@code app} refers to. */
    public static String clusterNamespace(ReverbApp app) {
        ClusterRef reference = app.getSpec().clusterRef();
        return reference.namespace() == null ? app.getMetadata().getNamespace() : reference.namespace();
    }

    /** Whether {@code app} refers to the cluster {@code name} of {@code namespace}. */
    public static boolean refersTo(ReverbApp app, String namespace, String name) {
        return app.getSpec() != null && app.getSpec().clusterRef().name().equals(name)
                && clusterNamespace(app).equals(namespace);
    }

    /** The id in HTTP API paths. A namespace has no dot, so that two defaults never meet. */
    public static String id(ReverbApp app) {
        String id = app.getSpec().id();
        return id == null ? app.getMetadata().getNamespace() + "." + app.getMetadata().getName() : id;
    }

    /** The Secret with the credentials, in the application's namespace. */
    public static String secret(ReverbApp app) {
        String secret = app.getSpec().credentialsSecret();
        return secret == null ? app.getMetadata().getName() + "-reverb" : secret;
    }

    /** Whether the generated Secret stays when {@code app} is deleted, so that its successor has the same key. */
    public static boolean retainsCredentials(ReverbApp app) {
        return app.getSpec().credentialsOnDelete() != CredentialRetention.DELETE;
    }

    /** Whether the cluster lets applications of {@code namespace} attach. */
    public static boolean allowed(ClusterPlan plan, String namespace) {
        return namespace.equals(plan.namespace()) || ClusterPlan.orEmpty(plan.spec().appNamespaces())
                .stream()
                .anyMatch(allowed -> allowed.equals("*") || allowed.equals(namespace));
    }

    /**
     * Whether {@code app} may take its id from the cluster: the default id, one of its namespace's own form, or any in
     * the cluster's namespace or where the cluster allows it, but never one of the form of another namespace's.
     */
    public static boolean idAllowed(ClusterPlan plan, ReverbApp app) {
        String id = id(app);
        String namespace = app.getMetadata().getNamespace();
        if (app.getSpec().id() == null || id.startsWith(namespace + ".") || namespace.equals(plan.namespace())) {
            return true;
        }
        int dot = id.indexOf('.');
        // what stands before the first dot of a default id is a namespace, which has lower-case letters, digits,
        // hyphens
        boolean foreign = dot > 0 && id.substring(0, dot).matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
        return plan.anyAppId() && !foreign;
    }

    /** Oldest first: of two that want the same id, the older one has it. */
    public static List<ReverbApp> inOrder(List<ReverbApp> apps) {
        return apps.stream()
                .sorted(Comparator.comparing((ReverbApp app) -> app.getMetadata().getCreationTimestamp())
                        .thenComparing(app -> app.getMetadata().getNamespace() + "/" + app.getMetadata().getName()))
                .toList();
    }
}
