package dev.reverb.operator.report.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.operator.desired.app.AppAllocation;
import dev.reverb.operator.desired.app.AppCheck;
import dev.reverb.operator.desired.app.AppTable;
import dev.reverb.operator.desired.app.ServedApp;
import dev.reverb.operator.desired.app.WebhookHeaders;
import dev.reverb.operator.plan.AppOwner;
import dev.reverb.operator.plan.AttachedApp;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether a cluster serves an application as its ReverbApp asks, for the condition {@code Ready}.
 *
 * @param ready whether the entry in force is what the ReverbApp and its Secret say
 * @param reason one word
 * @param message names the field, and says what to do
 */
public record AppVerdict(boolean ready, String reason, String message) {
    /** The reason while the cluster has not taken the application or its last change yet. */
    public static final String ATTACHING = "Attaching";
    /** The reason when this version of the operator cannot read the application's spec. */
    public static final String UNREADABLE = "Unreadable";

    /** The cluster that {@code app} refers to is not there, or not watched. */
    public static AppVerdict clusterMissing(ReverbApp app) {
        return new AppVerdict(false, "ClusterMissing",
                "spec.clusterRef: there is no ReverbCluster " + reference(app) + " that the operator watches");
    }

    /** The cluster does not let the namespace of {@code app} attach. */
    public static AppVerdict namespaceNotAllowed(ReverbApp app) {
        String namespace = app.getMetadata().getNamespace();
        return new AppVerdict(false, "NamespaceNotAllowed", "spec.clusterRef: the ReverbCluster " + reference(app)
                + " lets no app of " + namespace + " attach; add " + namespace + " to its spec.appNamespaces");
    }

    /**
     * The verdict for an application that may attach.
     *
     * @param table what the cluster serves
     * @param credentials of the application; empty when its Secret lacks them
     * @param headers of its webhooks, from Secrets
     * @param serving whether the servers have its entry of {@code table} in force
     */
    public static AppVerdict of(ReverbApp app, ReverbCluster cluster, ClusterPlan plan, AppTable table,
            Optional<Credentials> credentials, WebhookHeaders headers, Serving serving) {
        String id = AttachedApp.id(app);
        AppOwner owner = AppOwner.of(app);
        Optional<JsonNode> served = table.owners().containsKey(id) ? table.served(id, owner)
                : Optional.ofNullable(table.entries().get(id));
        if (credentials.isEmpty()) {
            return new AppVerdict(false, "AppSecretMissing",
                    "spec.credentialsSecret: the Secret " + AttachedApp.secret(app)
                            + " is missing or lacks REVERB_APP_KEY and REVERB_APP_SECRET"
                            + (served.isPresent() ? "; the app is served with the key and secret that it had" : ""));
        }
        String rest = served.isPresent() ? "; the app is served as it was" : "; the app is not served";
        if (!headers.complete()) {
            return new AppVerdict(false, WebhookHeaders.MISSING, "spec." + headers.problem() + rest);
        }
        ServedApp asked = new ServedApp(id, credentials.get(), app.getSpec().settings(), headers.values());
        Optional<String> refusal = AppCheck.refusal(asked, plan.serverLimits(), "spec");
        if (refusal.isPresent()) {
            return new AppVerdict(false, "AppInvalid", refusal.get() + rest);
        }
        JsonNode wanted = AppTable.entry(asked);
        if (served.isPresent() && served.get().equals(wanted)) {
            return listed(app, id, serving);
        }
        if (served.isEmpty()
                && (table.entries().containsKey(id) || plan.apps().stream().anyMatch(own -> own.id().equals(id)))) {
            return new AppVerdict(false, "IdTaken",
                    "spec.id: the cluster serves another app " + id
                            + "; create another ReverbApp without spec.id, or with an id that begins with "
                            + app.getMetadata().getNamespace() + ".");
        }
        if (served.isEmpty() && !AttachedApp.idAllowed(plan, app)) {
            return new AppVerdict(false, "IdNotAllowed",
                    "spec.id: an app of " + app.getMetadata().getNamespace() + " may have an id that begins with "
                            + app.getMetadata().getNamespace()
                            + ".; create another ReverbApp without spec.id or with such an id"
                            + (plan.anyAppId() ? "" : ", or have spec.appIds of the ReverbCluster set to any"));
        }
        if (table.idOfKey(credentials.get().key()).filter(other -> !other.equals(id)).isPresent()) {
            return new AppVerdict(false, "DuplicateKey",
                    "the Secret " + AttachedApp.secret(app)
                            + " has the key of another app, which keeps it; write a key of its own"
                            + (served.isPresent() ? "; the app is served with the key that it had" : ""));
        }
        if (AppAllocation.full(table, asked, owner)) {
            return new AppVerdict(false, "ClusterFull", AppAllocation.FULL + rest);
        }
        return waiting(cluster, id, served.isPresent());
    }

    /** The verdict for an application whose entry in the cluster's file is as it shall be. */
    private static AppVerdict listed(ReverbApp app, String id, Serving serving) {
        AppVerdict attached = new AppVerdict(true, "Attached", "the cluster serves the app " + id);
        return switch (serving) {
            case Serving.Everywhere _ -> attached;
            case Serving.Refused(String why) ->
                new AppVerdict(false, "AppRefused", "servers refuse the app " + id + ": " + why);
            case Serving.Pending(String why) -> taking(id, why);
            // a new operator has to see the servers first: until then what was true is
            case Serving.Unknown(String why) -> wasReady(app) ? attached : taking(id, why);
        };
    }

    private static AppVerdict taking(String id, String why) {
        return new AppVerdict(false, ATTACHING,
                "the servers are taking the app " + id + (why.isEmpty() ? "" : ": " + why));
    }

    private static boolean wasReady(ReverbApp app) {
        return app.getStatus() != null
                && Objects.equals(app.getStatus().observedGeneration(), app.getMetadata().getGeneration())
                && ClusterPlan.orEmpty(app.getStatus().conditions())
                        .stream()
                        .anyMatch(condition -> "Attached".equals(condition.getReason()));
    }

    private static AppVerdict waiting(ReverbCluster cluster, String id, boolean served) {
        String state = served ? "the cluster serves the app " + id + " as it was before"
                : "the cluster does not serve the app " + id + " yet";
        if (paused(cluster)) {
            return new AppVerdict(false, "ClusterPaused", state + ": it is paused by the annotation " + Labels.PAUSED);
        }
        Optional<Condition> stalled = condition(cluster, "Stalled").filter(found -> "True".equals(found.getStatus()));
        return stalled.map(found -> new AppVerdict(false, "ClusterStalled", state + ": " + found.getMessage()))
                .orElseGet(() -> new AppVerdict(false, ATTACHING, state));
    }

    /** Whether somebody paused {@code cluster}. */
    public static boolean paused(ReverbCluster cluster) {
        Map<String, String> annotations = cluster.getMetadata().getAnnotations();
        return annotations != null && "true".equals(annotations.get(Labels.PAUSED));
    }

    /** The condition {@code type} of {@code cluster}, as it was last written. */
    public static Optional<Condition> condition(ReverbCluster cluster, String type) {
        List<Condition> conditions = cluster.getStatus() == null ? List.of()
                : ClusterPlan.orEmpty(cluster.getStatus().conditions());
        return conditions.stream().filter(condition -> type.equals(condition.getType())).findFirst();
    }

    private static String reference(ReverbApp app) {
        return AttachedApp.clusterNamespace(app) + "/" + app.getSpec().clusterRef().name();
    }
}
