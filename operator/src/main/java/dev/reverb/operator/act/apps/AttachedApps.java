package dev.reverb.operator.act.apps;

import dev.reverb.crd.AppSettings;
import dev.reverb.crd.ReverbApp;
import dev.reverb.operator.act.GeneratedSecret;
import dev.reverb.operator.act.ReconcileContext;
import dev.reverb.operator.desired.app.AppCheck;
import dev.reverb.operator.desired.app.AppClaim;
import dev.reverb.operator.desired.app.AppSecret;
import dev.reverb.operator.desired.app.AppTable;
import dev.reverb.operator.desired.app.ServedApp;
import dev.reverb.operator.desired.app.WebhookHeaders;
import dev.reverb.operator.observe.SecretLookup;
import dev.reverb.operator.plan.AppOwner;
import dev.reverb.operator.plan.AttachedApp;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.report.Problem;
import dev.reverb.operator.report.app.AppSecretStatus;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What ReverbApps ask a cluster for. An application that is served leaves only when its resource is gone, is being
 * deleted, refers to another cluster or may no longer attach: a cache that has not synced, a lost permission or a lost
 * Secret leave it as it is. Confined to the cluster's reconciles.
 */
final class AttachedApps {
    private static final Logger LOG = LoggerFactory.getLogger(AttachedApps.class);

    private final KubernetesClient client;

    AttachedApps(KubernetesClient client) {
        this.client = client;
    }

    /** The claims, oldest first. Costs a request for each served application that the caches do not know. */
    List<AppClaim> claims(ReconcileContext context, AppTable before) {
        ClusterPlan plan = context.seen.plan();
        List<AppClaim> claims = new ArrayList<>();
        Set<AppOwner> known = new HashSet<>();
        for (ReverbApp app : AttachedApp.inOrder(context.seen.attached())) {
            AppOwner owner = AppOwner.of(app);
            known.add(owner);
            if (stays(app, plan)) {
                claims.add(new AppClaim(owner, AttachedApp.id(app), AttachedApp.idAllowed(plan, app),
                        wanted(context, app)));
            }
        }
        before.owners().forEach((id, owner) -> {
            if (owner.attached() && !known.contains(owner) && before.entries().containsKey(id)
                    && !gone(context, id, owner)) {
                claims.add(new AppClaim(owner, id, true, Optional.empty()));
            }
        });
        return claims;
    }

    /** Adds the attached applications of {@code table} to the cluster's status. */
    void report(ReconcileContext context, AppTable table) {
        for (ReverbApp app : context.seen.attached()) {
            String id = AttachedApp.id(app);
            AppOwner owner = AppOwner.of(app);
            if (table.served(id, owner).isPresent()) {
                Secret secret = context.seen.secrets().find(owner.namespace(), AttachedApp.secret(app)).orElse(null);
                context.apps.add(AppSecretStatus.of(id, AttachedApp.secret(app), owner.namespace(), secret));
            }
        }
    }

    private static boolean stays(ReverbApp app, ClusterPlan plan) {
        return app.getMetadata().getDeletionTimestamp() == null
                // one that cannot be read may still refer to this cluster: it is served as it was
                && (app.unreadable().isPresent() || (AttachedApp.refersTo(app, plan.namespace(), plan.name())
                        && AttachedApp.allowed(plan, app.getMetadata().getNamespace())));
    }

    /** The application as {@code app} asks for it; empty when it cannot be served, of which its status says why. */
    private static Optional<ServedApp> wanted(ReconcileContext context, ReverbApp app) {
        SecretLookup secrets = context.seen.secrets();
        AppSettings settings = app.getSpec().settings();
        WebhookHeaders headers = WebhookHeaders.of(settings, app.getMetadata().getNamespace(), secrets::find);
        return credentials(secrets, app).filter(_ -> headers.complete())
                .map(found -> new ServedApp(AttachedApp.id(app), found, settings, headers.values()))
                .filter(wanted -> AppCheck.refusal(wanted, context.seen.plan().serverLimits(), "spec").isEmpty());
    }

    private static Optional<Credentials> credentials(SecretLookup secrets, ReverbApp app) {
        return secrets.find(app.getMetadata().getNamespace(), AttachedApp.secret(app))
                // one that only has the name of the generated Secret was made for something else
                .filter(found -> app.getSpec().credentialsSecret() != null
                        || GeneratedSecret.ours(found, AppSecret.metadata(app), app.getMetadata().getUid()))
                .map(Secret::getData)
                .flatMap(Credentials::read);
    }

    /** Whether the API server says that the resource of the entry {@code id} no longer asks this cluster for it. */
    private boolean gone(ReconcileContext context, String id, AppOwner owner) {
        try {
            ReverbApp app = client.resources(ReverbApp.class)
                    .inNamespace(owner.namespace())
                    .withName(owner.name())
                    .get();
            return app == null || !app.getMetadata().getUid().equals(owner.uid()) || !stays(app, context.seen.plan());
        } catch (KubernetesClientException e) {
            LOG.debug("cannot read the ReverbApp {}/{}: {}", owner.namespace(), owner.name(), e.getMessage());
            if (e.getCode() == 403) {
                context.problem(Problem.partial("AppNotWatched",
                        "the app " + id + " comes from the ReverbApp " + owner.namespace() + "/" + owner.name()
                                + ", which the operator may not read: it is served as it was until the operator may"));
            }
            return false;
        }
    }
}
