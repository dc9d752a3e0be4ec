package dev.reverb.operator.act.apps;

import dev.reverb.crd.AppSpec;
import dev.reverb.crd.AppStatus;
import dev.reverb.crd.ReverbClusterStatus;
import dev.reverb.operator.act.Applier;
import dev.reverb.operator.act.GeneratedSecret;
import dev.reverb.operator.act.ReconcileContext;
import dev.reverb.operator.act.RedisCredentials;
import dev.reverb.operator.desired.app.AppAllocation;
import dev.reverb.operator.desired.app.AppCheck;
import dev.reverb.operator.desired.app.AppClaim;
import dev.reverb.operator.desired.app.AppSecret;
import dev.reverb.operator.desired.app.AppTable;
import dev.reverb.operator.desired.app.ConfigSecret;
import dev.reverb.operator.desired.app.ServedApp;
import dev.reverb.operator.desired.app.WebhookHeaders;
import dev.reverb.operator.observe.ServerPods;
import dev.reverb.operator.plan.AppOwner;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.Digest;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.plan.Names;
import dev.reverb.operator.plan.Ownership;
import dev.reverb.operator.report.EventReason;
import dev.reverb.operator.report.Problem;
import dev.reverb.operator.report.app.AppSecretStatus;
import dev.reverb.operator.report.app.ServedApps;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Applications: a Secret each, all of them together in the aggregate Secret, and a touch of every pod whose mount is
 * older than that, so that its kubelet refreshes the mount at once instead of within a minute.
 */
public final class AppsAction {
    private final KubernetesClient client;
    private final AttachedApps attached;
    private final ServedApps served;

    /** Acts by {@code client}, and notes in {@code served} what the servers have in force. */
    public AppsAction(KubernetesClient client, ServedApps served) {
        this.client = client;
        this.served = served;
        attached = new AttachedApps(client);
    }

    /** Acts. Fails with what the API server answers when Secrets cannot be read or written. */
    public void run(ReconcileContext context) {
        ClusterPlan plan = context.seen.plan();
        AppTable before = AppTable.read(context.config());
        List<AppClaim> claims = new ArrayList<>();
        Map<AppClaim, String> fields = new HashMap<>();
        Set<String> ids = new HashSet<>();
        List<AppSpec> apps = plan.apps();
        for (int i = 0; i < apps.size(); i++) {
            AppSpec app = apps.get(i);
            String field = "spec.apps[" + i + "]";
            if (!ids.add(app.id())) {
                context.problem(Problem.partial("DuplicateApp", field + ".id: " + app.id() + " stands twice"));
                continue;
            }
            AppClaim claim = own(context, app, field, before);
            fields.put(claim, field);
            claims.add(claim);
        }
        claims.addAll(attached.claims(context, before));
        AppAllocation allocation = AppAllocation.of(before, claims);
        allocation.refused().forEach((claim, refusal) -> {
            String field = fields.get(claim);
            if (field != null) { // the status of a ReverbApp says it for an attached one
                context.problem(refused(claim, field, refusal));
            }
        });
        AppTable table = allocation.table();
        // what is not served, or is served for somebody else, is no application of the status
        context.apps.removeIf(app -> table.served(app.id(), AppOwner.cluster(plan)).isEmpty());
        attached.report(context, table);
        RedisCredentials redis = context.redis();
        Secret config = ConfigSecret.of(plan, table, redis.link(), redis.kept());
        context.apply(config);
        served.wrote(plan, table, config);
        String file = table.file(redis.link());
        String digest = Digest.of(file + redis.link().ca().orElse(""));
        announce(context, before, table, digest);
        touch(context, digest);
        boolean settled = served.take(plan.uid(), table, file, context.seen.statuses());
        context.memory.settled(settled, context.seen.now());
        context.apps.replaceAll(app -> app.lastUsed(lastUsed(context, app)));
        context.appsKnown = true;
    }

    /** As far as is known since the operator started, or else as the status said for the same rotation. */
    private @Nullable String lastUsed(ReconcileContext context, AppStatus app) {
        ReverbClusterStatus last = context.seen.cluster().getStatus();
        return served.previousSecretUsed(context.seen.plan().uid(), app.id())
                .map(Instant::toString)
                .or(() -> Stream.ofNullable(last)
                        .flatMap(status -> ClusterPlan.orEmpty(status.apps()).stream())
                        .filter(known -> known.lastUsed(null).equals(app) && app.previousSecretUntil() != null)
                        .flatMap(known -> Stream.ofNullable(known.previousSecretLastUsed()))
                        .findFirst())
                .orElse(null);
    }

    private static Problem refused(AppClaim claim, String field, AppAllocation.Refusal refusal) {
        return switch (refusal) {
            case ID_TAKEN, ID_NOT_ALLOWED -> Problem.partial("IdTaken", field + ".id: a ReverbApp serves the app "
                    + claim.id() + " already, which keeps the id; write another id");
            case TOO_MANY -> Problem.partial("ClusterFull", field + ": " + AppAllocation.FULL);
            case DUPLICATE_KEY -> Problem.partial("DuplicateKey", field + ": the app " + claim.id()
                    + " has the key of another app, which keeps it; give it a key of its own");
        };
    }

    private AppClaim own(ReconcileContext context, AppSpec app, String field, AppTable before) {
        ClusterPlan plan = context.seen.plan();
        AppOwner owner = AppOwner.cluster(plan);
        Optional<Credentials> credentials;
        if (app.credentialsSecret() == null) {
            credentials = generated(context, app, field, before);
        } else {
            context.apps.add(new AppStatus(app.id(), app.credentialsSecret(), null));
            credentials = given(context, app.credentialsSecret(), field);
        }
        WebhookHeaders headers = WebhookHeaders.of(app.settings(), plan.namespace(), context.seen.secrets()::find);
        Optional<ServedApp> wanted = credentials
                .map(found -> new ServedApp(app.id(), found, app.settings(), headers.values()));
        String rest = before.entries().containsKey(app.id())
                ? "; the app is served as it was, the others are not touched"
                : "; the app is not served, the others are not touched";
        if (!headers.complete()) {
            context.problem(Problem.partial(WebhookHeaders.MISSING, field + "." + headers.problem() + rest));
            return new AppClaim(owner, app.id(), true, Optional.empty());
        }
        Optional<String> refusal = wanted.flatMap(found -> AppCheck.refusal(found, plan.serverLimits(), field));
        refusal.ifPresent(text -> context.problem(Problem.partial("AppInvalid", text + rest)));
        return new AppClaim(owner, app.id(), true, refusal.isPresent() ? Optional.empty() : wanted);
    }

    private static Optional<Credentials> given(ReconcileContext context, String name, String field) {
        String namespace = context.seen.plan().namespace();
        Optional<Secret> given = context.seen.secrets().find(namespace, name);
        Optional<Credentials> credentials = given.map(Secret::getData).flatMap(Credentials::read);
        if (credentials.isEmpty()) {
            context.problem(Problem.partial("AppSecretMissing", field + ".credentialsSecret: "
                    + (given.isPresent()
                            ? "the Secret " + name + " lacks REVERB_APP_KEY and REVERB_APP_SECRET (or key and secret)"
                            : "there is no Secret " + name + " in " + namespace)));
        }
        return credentials;
    }

    private Optional<Credentials> generated(ReconcileContext context, AppSpec app, String field, AppTable before) {
        ClusterPlan plan = context.seen.plan();
        String name = plan.names().app(app.id());
        Optional<Credentials> credentials = Optional.empty();
        Secret secret = null;
        if (Names.RESERVED.contains(app.id())) {
            context.problem(Problem.partial("NameCollision", field + ".id: the Secret " + name
                    + " is the cluster's own; write another id or name a Secret in credentialsSecret"));
        } else {
            try {
                secret = ensured(context, app, before);
                credentials = Credentials.read(secret.getData());
                if (credentials.isEmpty()) {
                    context.problem(Problem.partial("AppSecretInvalid", "the Secret " + name
                            + " lacks REVERB_APP_KEY or REVERB_APP_SECRET: write both, or delete it to have the pair"
                            + " restored that the servers use"));
                }
            } catch (Applier.NotOurs e) {
                context.problem(Problem.partial("NameCollision",
                        field + ".id: " + e.getMessage() + ", or name a Secret in credentialsSecret"));
            } catch (KubernetesClientException e) {
                if (e.getCode() != 422 && e.getCode() != 403) {
                    throw e;
                }
                context.problem(Problem.partial("ApiServerRefused",
                        field + ": the Secret " + name + ": " + ReconcileContext.message(e)));
            }
        }
        context.apps.add(AppSecretStatus.of(app.id(), name, null, secret));
        return credentials;
    }

    private Secret ensured(ReconcileContext context, AppSpec app, AppTable before) {
        ClusterPlan plan = context.seen.plan();
        AppOwner owner = before.owners().get(app.id());
        Optional<Credentials> inForce = owner == null || !owner.attached()
                ? AppTable.credentials(before.entries().get(app.id()))
                : Optional.empty();
        Secret address = AppSecret.address(AppSecret.metadata(plan, app.id()), app.id(), plan.apiAddress());
        Secret secret = new GeneratedSecret(client, context.seen.secrets()).ensure(new GeneratedSecret.Request(address,
                plan.uid(), context.seen.cluster().getMetadata().getAnnotations(), inForce, context.seen.now()),
                context::record);
        try {
            context.apply(address);
        } catch (KubernetesClientException e) {
            if (e.getCode() != 422) {
                throw e;
            }
            context.problem(Problem.partial("AppSecretImmutable",
                    "the Secret " + address.getMetadata().getName() + " cannot take the cluster's address: "
                            + ReconcileContext.message(e) + "; its credentials are served as they are"));
        }
        return secret;
    }

    private static void announce(ReconcileContext context, AppTable before, AppTable table, String digest) {
        if (context.memory.config != null && !context.memory.config.equals(digest) && !before.entries().isEmpty()) {
            Set<String> changes = new TreeSet<>();
            table.entries().forEach((id, entry) -> {
                if (!before.entries().containsKey(id)) {
                    changes.add("added " + id);
                } else if (!entry.equals(before.entries().get(id))) {
                    changes.add("changed " + id);
                }
            });
            before.entries()
                    .keySet()
                    .stream()
                    .filter(id -> !table.entries().containsKey(id))
                    .forEach(id -> changes.add("removed " + id));
            if (!changes.isEmpty()) {
                context.record(EventReason.AppsReloaded,
                        "apps reload in place, without a restart: " + String.join(", ", changes));
            }
        }
        context.memory.config = digest;
    }

    private void touch(ReconcileContext context, String digest) {
        for (Pod pod : context.seen.pods()) {
            if (ServerPods.terminating(pod)) {
                continue;
            }
            context.memory.mounts.refresh(client, pod, digest, context.seen.now());
        }
    }
}
