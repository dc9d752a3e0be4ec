package dev.reverb.operator.act;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverb.crd.AppSpec;
import dev.reverb.crd.AppStatus;
import dev.reverb.crd.ReverbApp;
import dev.reverb.operator.desired.app.AppSecret;
import dev.reverb.operator.desired.app.ConfigFile;
import dev.reverb.operator.desired.app.ConfigSecret;
import dev.reverb.operator.desired.app.ServedApp;
import dev.reverb.operator.observe.ServerPods;
import dev.reverb.operator.plan.AttachedApp;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.Digest;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.plan.Names;
import dev.reverb.operator.report.EventReason;
import dev.reverb.operator.report.Problem;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Applications: a Secret each, all of them together in the aggregate Secret, and a touch of every pod whose mount is
 * older than that, so that its kubelet refreshes the mount at once instead of within a minute.
 */
public final class AppsAction {
    private final KubernetesClient client;

    public AppsAction(KubernetesClient client) {
        this.client = client;
    }

    public void run(ReconcileContext context) {
        ClusterPlan plan = context.seen.plan();
        Map<String, JsonNode> before = ConfigFile
                .entries(context.seen.secrets().find(plan.namespace(), plan.names().config()));
        List<ServedApp> served = new ArrayList<>();
        List<JsonNode> kept = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        List<AppSpec> apps = plan.apps();
        for (int i = 0; i < apps.size(); i++) {
            AppSpec app = apps.get(i);
            if (!ids.add(app.id())) {
                context.problem(
                        Problem.partial("DuplicateApp", "spec.apps[" + i + "].id: " + app.id() + " stands twice"));
                continue;
            }
            Optional<Credentials> credentials = credentials(context, app, "spec.apps[" + i + "]");
            credentials.ifPresent(found -> served.add(new ServedApp(app.id(), found, app)));
            JsonNode last = before.get(app.id());
            if (credentials.isEmpty() && last != null) {
                // what runs keeps running: the entry stays as it was until the Secret is right again
                kept.add(last);
            }
        }
        for (ReverbApp app : AttachedApp.inOrder(context.seen.attached())) {
            attached(context, app, ids).ifPresent(served::add);
        }
        ConfigFile file = ConfigFile.of(served, kept);
        for (String id : file.sharedKeys()) {
            context.problem(Problem.partial("DuplicateKey",
                    "the app " + id + " has the key of another app and is left out: give it one of its own"));
        }
        Secret config = context.apply(ConfigSecret.of(plan, file.text()));
        Objects.requireNonNull(config);
        String digest = Digest.of(file.text());
        announce(context, before, file, digest);
        touch(context, digest);
    }

    private Optional<Credentials> credentials(ReconcileContext context, AppSpec app, String field) {
        ClusterPlan plan = context.seen.plan();
        if (app.credentialsSecret() == null) {
            context.apps.add(new AppStatus(app.id(), plan.names().app(app.id()), null));
            return generated(context, app, field);
        }
        context.apps.add(new AppStatus(app.id(), app.credentialsSecret(), null));
        Optional<Secret> given = context.seen.secrets().find(plan.namespace(), app.credentialsSecret());
        Optional<Credentials> credentials = given.map(Secret::getData).flatMap(Credentials::read);
        if (credentials.isEmpty()) {
            context.problem(Problem.partial("AppSecretMissing",
                    field + ".credentialsSecret: "
                            + (given.isPresent()
                                    ? "the Secret " + app.credentialsSecret()
                                            + " lacks REVERB_APP_KEY and REVERB_APP_SECRET (or key and secret)"
                                    : "there is no Secret " + app.credentialsSecret() + " in " + plan.namespace())));
        }
        return credentials;
    }

    private Optional<Credentials> generated(ReconcileContext context, AppSpec app, String field) {
        ClusterPlan plan = context.seen.plan();
        if (Names.RESERVED.contains(app.id())) {
            context.problem(Problem.partial("NameCollision", field + ".id: the Secret " + plan.names().app(app.id())
                    + " is the cluster's own; write another id or name a Secret in credentialsSecret"));
            return Optional.empty();
        }
        Secret address = AppSecret.address(AppSecret.metadata(plan, app.id()), app.id(), plan.publicAddress());
        try {
            Secret secret = GeneratedSecret.ensure(client, context.seen.secrets(), address, plan.uid(),
                    () -> context.record(EventReason.SecretGenerated, "generated credentials for the app " + app.id()
                            + " in the Secret " + address.getMetadata().getName()));
            context.apply(address);
            Optional<Credentials> credentials = Credentials.read(secret.getData());
            if (credentials.isEmpty()) {
                context.problem(Problem.partial("AppSecretInvalid", "the Secret " + address.getMetadata().getName()
                        + " lacks REVERB_APP_KEY or REVERB_APP_SECRET: write both, or delete it for new ones"));
            }
            return credentials;
        } catch (Applier.NotOurs e) {
            context.problem(Problem.partial("NameCollision",
                    field + ".id: " + e.getMessage() + ", or name a Secret in credentialsSecret"));
            return Optional.empty();
        }
    }

    private static Optional<ServedApp> attached(ReconcileContext context, ReverbApp app, Set<String> ids) {
        ClusterPlan plan = context.seen.plan();
        String namespace = app.getMetadata().getNamespace();
        if (app.getMetadata().getDeletionTimestamp() != null || !AttachedApp.allowed(plan, namespace)) {
            return Optional.empty();
        }
        String id = AttachedApp.id(app);
        String secret = AttachedApp.secret(app);
        Optional<Credentials> credentials = context.seen.secrets()
                .find(namespace, secret)
                .map(Secret::getData)
                .flatMap(Credentials::read);
        if (credentials.isEmpty() || !ids.add(id)) {
            return Optional.empty(); // the ReverbApp's own status says why
        }
        context.apps.add(new AppStatus(id, secret, namespace));
        return Optional.of(new ServedApp(id, credentials.get(), app.getSpec()));
    }

    private static void announce(ReconcileContext context, Map<String, JsonNode> before, ConfigFile file,
            String digest) {
        if (context.memory.config != null && !context.memory.config.equals(digest) && !before.isEmpty()) {
            Set<String> changes = new TreeSet<>();
            Map<String, JsonNode> after = file.entries();
            after.forEach((id, entry) -> {
                if (!before.containsKey(id)) {
                    changes.add("added " + id);
                } else if (!entry.equals(before.get(id))) {
                    changes.add("changed " + id);
                }
            });
            before.keySet().stream().filter(id -> !after.containsKey(id)).forEach(id -> changes.add("removed " + id));
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
            Map<String, String> annotations = pod.getMetadata().getAnnotations();
            String value = context.memory.mounts.value(pod, digest, context.seen.now());
            if (annotations != null && value.equals(annotations.get(Labels.CONFIG))) {
                continue;
            }
            Pod touched = new PodBuilder().withNewMetadata()
                    .withNamespace(pod.getMetadata().getNamespace())
                    .withName(pod.getMetadata().getName())
                    .withUid(pod.getMetadata().getUid())
                    .addToAnnotations(Labels.CONFIG, value)
                    .endMetadata()
                    .build();
            try {
                client.resource(pod).patch(PatchContext.of(PatchType.JSON_MERGE), touched);
            } catch (KubernetesClientException e) {
                if (e.getCode() != 404 && e.getCode() != 409) {
                    throw e; // gone or replaced meanwhile is fine: its successor mounts what is there
                }
            }
        }
    }
}
