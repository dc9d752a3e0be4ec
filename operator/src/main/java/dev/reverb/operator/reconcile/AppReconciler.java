package dev.reverb.operator.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverb.crd.AppSpec;
import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbAppStatus;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.operator.act.Applier;
import dev.reverb.operator.act.GeneratedSecret;
import dev.reverb.operator.desired.app.AppSecret;
import dev.reverb.operator.desired.app.ConfigFile;
import dev.reverb.operator.observe.SecretLookup;
import dev.reverb.operator.plan.AttachedApp;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.report.Conditions;
import dev.reverb.operator.report.EventReason;
import dev.reverb.operator.report.EventRecorder;
import dev.reverb.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reconciles a ReverbApp: writes its credentials beside it, and reports whether its cluster serves it. The copy in the
 * cluster's aggregate Secret is written by that cluster's reconcile alone, so that nobody writes against it; the
 * finalizer waits until the copy is gone.
 */
// @formatter:off
@ControllerConfiguration(
        name = "reverbapp",
        generationAwareEventProcessing = false,
        finalizerName = "reverb.dev/detach")
// @formatter:on
public final class AppReconciler implements Reconciler<ReverbApp>, Cleaner<ReverbApp> {
    private static final Duration SOON = Duration.ofMillis(500);

    private final KubernetesClient client;
    private final OperatorSettings settings;
    private final Clock clock;
    private final EventRecorder recorder;
    private final Applier applier;

    /** Reconciles through {@code client}. */
    public AppReconciler(KubernetesClient client, OperatorSettings settings, Clock clock) {
        this.client = client;
        this.settings = settings;
        this.clock = clock;
        recorder = new EventRecorder(client, clock);
        applier = new Applier(client);
    }

    private record Verdict(boolean ready, String reason, String message, boolean pending) {}

    @Override
    public List<EventSource<?, ReverbApp>> prepareEventSources(EventSourceContext<ReverbApp> context) {
        InformerEventSource<Secret, ReverbApp> secrets = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Secret.class, ReverbApp.class)
                        .withNamespacesInheritedFromController()
                        .withSecondaryToPrimaryMapper(secret -> context.getPrimaryCache()
                                .list(secret.getMetadata().getNamespace())
                                .filter(app -> app.getSpec() != null
                                        && AttachedApp.secret(app).equals(secret.getMetadata().getName()))
                                .map(ResourceID::fromResource)
                                .collect(Collectors.toSet()))
                        .build(),
                context);
        InformerEventSource<ReverbCluster, ReverbApp> clusters = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(ReverbCluster.class, ReverbApp.class)
                        .withNamespacesInheritedFromController()
                        .withSecondaryToPrimaryMapper(cluster -> context.getPrimaryCache()
                                .list()
                                .filter(app -> AttachedApp.refersTo(app, cluster.getMetadata().getNamespace(),
                                        cluster.getMetadata().getName()))
                                .map(ResourceID::fromResource)
                                .collect(Collectors.toSet()))
                        .build(),
                context);
        return List.of(secrets, clusters);
    }

    @Override
    public UpdateControl<ReverbApp> reconcile(ReverbApp app, Context<ReverbApp> context) {
        Optional<ReverbCluster> cluster = cluster(app);
        Optional<ClusterPlan> plan = cluster.map(found -> ClusterPlan.of(found, settings));
        Verdict verdict = verdict(app, plan);
        report(app, plan, verdict);
        return UpdateControl.<ReverbApp>noUpdate().rescheduleAfter(verdict.pending() ? SOON : Duration.ofMinutes(5));
    }

    @Override
    public DeleteControl cleanup(ReverbApp app, Context<ReverbApp> context) {
        Optional<ClusterPlan> plan = cluster(app).filter(found -> found.getMetadata().getDeletionTimestamp() == null)
                .map(found -> ClusterPlan.of(found, settings));
        if (plan.isPresent() && served(app, plan.get()).isPresent()) {
            return DeleteControl.noFinalizerRemoval().rescheduleAfter(SOON);
        }
        recorder.record(app, EventReason.AppDetached, "the cluster no longer serves the app " + AttachedApp.id(app));
        return DeleteControl.defaultDelete();
    }

    private Optional<ReverbCluster> cluster(ReverbApp app) {
        return Optional.ofNullable(client.resources(ReverbCluster.class)
                .inNamespace(AttachedApp.clusterNamespace(app))
                .withName(app.getSpec().clusterRef().name())
                .get());
    }

    private Verdict verdict(ReverbApp app, Optional<ClusterPlan> plan) {
        String reference = AttachedApp.clusterNamespace(app) + "/" + app.getSpec().clusterRef().name();
        if (plan.isEmpty()) {
            return new Verdict(false, "ClusterMissing",
                    "spec.clusterRef: there is no ReverbCluster " + reference + " that the operator watches", false);
        }
        String namespace = app.getMetadata().getNamespace();
        if (!AttachedApp.allowed(plan.get(), namespace)) {
            return new Verdict(false, "NamespaceNotAllowed", "spec.clusterRef: the ReverbCluster " + reference
                    + " lets no app of " + namespace + " attach; add " + namespace + " to its spec.appNamespaces",
                    false);
        }
        Optional<Credentials> credentials;
        try {
            credentials = credentials(app, plan.get());
        } catch (Applier.NotOurs e) {
            return new Verdict(false, "NameCollision", String.valueOf(e.getMessage()), false);
        }
        if (credentials.isEmpty()) {
            return new Verdict(false, "AppSecretMissing", "spec.credentialsSecret: the Secret "
                    + AttachedApp.secret(app) + " is missing or lacks REVERB_APP_KEY and REVERB_APP_SECRET", false);
        }
        return attached(app, plan.get(), credentials.get());
    }

    private Verdict attached(ReverbApp app, ClusterPlan plan, Credentials credentials) {
        String id = AttachedApp.id(app);
        Optional<JsonNode> served = served(app, plan);
        if (served.isPresent() && served.get().path("secret").asText().equals(credentials.secret())
                && served.get().path("key").asText().equals(credentials.key())) {
            return new Verdict(true, "Attached", "the cluster serves the app " + id, false);
        }
        boolean declared = plan.apps().stream().map(AppSpec::id).anyMatch(id::equals);
        if (declared || (served.isPresent() && !served.get().path("key").asText().equals(credentials.key()))) {
            return new Verdict(false, "IdTaken", "spec.id: the cluster serves another app " + id + "; write another id",
                    !declared);
        }
        return new Verdict(false, "Attaching", "waiting for the cluster to take the app " + id, true);
    }

    /** The application's entry in the cluster's aggregate Secret. */
    private Optional<JsonNode> served(ReverbApp app, ClusterPlan plan) {
        Secret config = client.secrets().inNamespace(plan.namespace()).withName(plan.names().config()).get();
        return Optional.ofNullable(ConfigFile.entries(Optional.ofNullable(config)).get(AttachedApp.id(app)));
    }

    private Optional<Credentials> credentials(ReverbApp app, ClusterPlan plan) {
        SecretLookup secrets = new SecretLookup() {
            @Override
            public Optional<Secret> find(String namespace, String name) {
                return fresh(namespace, name);
            }

            @Override
            public Optional<Secret> fresh(String namespace, String name) {
                return Optional.ofNullable(client.secrets().inNamespace(namespace).withName(name).get());
            }
        };
        if (app.getSpec().credentialsSecret() != null) {
            return secrets.find(app.getMetadata().getNamespace(), app.getSpec().credentialsSecret())
                    .map(Secret::getData)
                    .flatMap(Credentials::read);
        }
        String uid = app.getMetadata().getUid();
        Secret address = AppSecret.address(metadata(app), AttachedApp.id(app), plan.publicAddress());
        Secret secret = GeneratedSecret.ensure(client, secrets, address, uid, () -> recorder.record(app,
                EventReason.SecretGenerated, "generated credentials in the Secret " + AttachedApp.secret(app)));
        applier.apply(address, secret, uid);
        return Credentials.read(secret.getData());
    }

    private static ObjectMeta metadata(ReverbApp app) {
        return new ObjectMetaBuilder().withNamespace(app.getMetadata().getNamespace())
                .withName(AttachedApp.secret(app))
                .addToLabels(Labels.MANAGED_BY, Labels.OPERATOR)
                .addToLabels(Labels.APP, app.getMetadata().getName())
                .addNewOwnerReference()
                .withApiVersion("reverb.dev/v1")
                .withKind("ReverbApp")
                .withName(app.getMetadata().getName())
                .withUid(app.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .endOwnerReference()
                .build();
    }

    private void report(ReverbApp app, Optional<ClusterPlan> plan, Verdict verdict) {
        ReverbAppStatus last = app.getStatus();
        Conditions conditions = new Conditions(last == null ? List.of() : ClusterPlan.orEmpty(last.conditions()),
                app.getMetadata().getGeneration(), clock.instant());
        Condition ready = conditions.make("Ready", verdict.ready(), verdict.reason(), verdict.message());
        ReverbAppStatus status = new ReverbAppStatus(app.getMetadata().getGeneration(), AttachedApp.id(app),
                AttachedApp.secret(app), plan.map(found -> found.publicAddress().url()).orElse(null), List.of(ready));
        if (status.equals(last)) {
            return;
        }
        record(app, last, ready);
        ReverbApp fresh = new ReverbApp();
        fresh.setMetadata(new ObjectMetaBuilder().withNamespace(app.getMetadata().getNamespace())
                .withName(app.getMetadata().getName())
                .build());
        fresh.setStatus(status);
        try {
            client.resource(fresh)
                    .subresource("status")
                    .patch(new PatchContext.Builder().withPatchType(PatchType.SERVER_SIDE_APPLY)
                            .withFieldManager(Labels.OPERATOR)
                            .withForce(true)
                            .build());
        } catch (KubernetesClientException e) {
            if (e.getCode() != 404) {
                throw e; // deleted meanwhile is fine
            }
        }
    }

    private void record(ReverbApp app, @Nullable ReverbAppStatus last, Condition ready) {
        boolean known = last != null && Stream.ofNullable(last.conditions())
                .flatMap(List::stream)
                .anyMatch(condition -> ready.getReason().equals(condition.getReason()));
        if (!known && !ready.getReason().equals("Attaching")) {
            recorder.record(app, ready.getStatus().equals("True") ? EventReason.AppAttached : EventReason.Refused,
                    ready.getMessage());
        }
    }
}
