package dev.reverb.operator.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverb.crd.AppSpec;
import dev.reverb.crd.AppStatus;
import dev.reverb.crd.ReverbApp;
import dev.reverb.operator.desired.AppSecret;
import dev.reverb.operator.desired.ConfigSecret;
import dev.reverb.operator.desired.ServedApp;
import dev.reverb.operator.plan.AttachedApp;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.Digest;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.plan.Names;
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
final class AppsAction {
    private final KubernetesClient client;

    AppsAction(KubernetesClient client) {
        this.client = client;
    }

    void run(Act act) {
        ClusterPlan plan = act.seen.plan();
        Map<String, JsonNode> before = ConfigFile
                .entries(act.seen.secrets().find(plan.namespace(), plan.names().config()));
        List<ServedApp> served = new ArrayList<>();
        List<JsonNode> kept = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        List<AppSpec> apps = plan.apps();
        for (int i = 0; i < apps.size(); i++) {
            AppSpec app = apps.get(i);
            if (!ids.add(app.id())) {
                act.problem(Problem.partial("DuplicateApp", "spec.apps[" + i + "].id: " + app.id() + " stands twice"));
                continue;
            }
            Optional<Credentials> credentials = credentials(act, app, "spec.apps[" + i + "]");
            credentials.ifPresent(found -> served.add(new ServedApp(app.id(), found, app)));
            JsonNode last = before.get(app.id());
            if (credentials.isEmpty() && last != null) {
                // what runs keeps running: the entry stays as it was until the Secret is right again
                kept.add(last);
            }
        }
        for (ReverbApp app : AttachedApp.inOrder(act.seen.attached())) {
            attached(act, app, ids).ifPresent(served::add);
        }
        ConfigFile file = ConfigFile.of(served, kept);
        for (String id : file.sharedKeys()) {
            act.problem(Problem.partial("DuplicateKey",
                    "the app " + id + " has the key of another app and is left out: give it one of its own"));
        }
        Secret config = act.apply(ConfigSecret.of(plan, file.text()));
        Objects.requireNonNull(config);
        String digest = Digest.of(file.text());
        announce(act, before, file, digest);
        touch(act, digest);
    }

    private Optional<Credentials> credentials(Act act, AppSpec app, String field) {
        ClusterPlan plan = act.seen.plan();
        if (app.credentialsSecret() == null) {
            act.apps.add(new AppStatus(app.id(), plan.names().app(app.id()), null));
            return generated(act, app, field);
        }
        act.apps.add(new AppStatus(app.id(), app.credentialsSecret(), null));
        Optional<Secret> given = act.seen.secrets().find(plan.namespace(), app.credentialsSecret());
        Optional<Credentials> credentials = given.map(Secret::getData).flatMap(Credentials::read);
        if (credentials.isEmpty()) {
            act.problem(Problem.partial("AppSecretMissing",
                    field + ".credentialsSecret: "
                            + (given.isPresent()
                                    ? "the Secret " + app.credentialsSecret()
                                            + " lacks REVERB_APP_KEY and REVERB_APP_SECRET (or key and secret)"
                                    : "there is no Secret " + app.credentialsSecret() + " in " + plan.namespace())));
        }
        return credentials;
    }

    private Optional<Credentials> generated(Act act, AppSpec app, String field) {
        ClusterPlan plan = act.seen.plan();
        if (Names.RESERVED.contains(app.id())) {
            act.problem(Problem.partial("NameCollision", field + ".id: the Secret " + plan.names().app(app.id())
                    + " is the cluster's own; write another id or name a Secret in credentialsSecret"));
            return Optional.empty();
        }
        Secret address = AppSecret.address(AppSecret.metadata(plan, app.id()), app.id(), plan.publicAddress());
        try {
            Secret secret = GeneratedSecret.ensure(client, act.seen.secrets(), address, plan.uid(),
                    () -> act.tell(Happening.SecretGenerated, "generated credentials for the app " + app.id()
                            + " in the Secret " + address.getMetadata().getName()));
            act.apply(address);
            Optional<Credentials> credentials = Credentials.read(secret.getData());
            if (credentials.isEmpty()) {
                act.problem(Problem.partial("AppSecretInvalid", "the Secret " + address.getMetadata().getName()
                        + " lacks REVERB_APP_KEY or REVERB_APP_SECRET: write both, or delete it for new ones"));
            }
            return credentials;
        } catch (Applier.NotOurs e) {
            act.problem(Problem.partial("NameCollision",
                    field + ".id: " + e.getMessage() + ", or name a Secret in credentialsSecret"));
            return Optional.empty();
        }
    }

    private static Optional<ServedApp> attached(Act act, ReverbApp app, Set<String> ids) {
        ClusterPlan plan = act.seen.plan();
        String namespace = app.getMetadata().getNamespace();
        if (app.getMetadata().getDeletionTimestamp() != null || !AttachedApp.allowed(plan, namespace)) {
            return Optional.empty();
        }
        String id = AttachedApp.id(app);
        String secret = AttachedApp.secret(app);
        Optional<Credentials> credentials = act.seen.secrets()
                .find(namespace, secret)
                .map(Secret::getData)
                .flatMap(Credentials::read);
        if (credentials.isEmpty() || !ids.add(id)) {
            return Optional.empty(); // the ReverbApp's own status tells why
        }
        act.apps.add(new AppStatus(id, secret, namespace));
        return Optional.of(new ServedApp(id, credentials.get(), app.getSpec()));
    }

    private static void announce(Act act, Map<String, JsonNode> before, ConfigFile file, String digest) {
        if (act.memory.config != null && !act.memory.config.equals(digest) && !before.isEmpty()) {
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
                act.tell(Happening.AppsReloaded,
                        "apps reload in place, without a restart: " + String.join(", ", changes));
            }
        }
        act.memory.config = digest;
    }

    private void touch(Act act, String digest) {
        for (Pod pod : act.seen.pods()) {
            if (Servers.terminating(pod)) {
                continue;
            }
            Map<String, String> annotations = pod.getMetadata().getAnnotations();
            String value = act.memory.touches.value(pod, digest, act.seen.now());
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
