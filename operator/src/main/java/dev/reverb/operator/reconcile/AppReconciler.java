package dev.reverb.operator.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverb.crd.OperatorClaim;
import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbAppStatus;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.operator.act.Applier;
import dev.reverb.operator.act.GeneratedSecret;
import dev.reverb.operator.act.ReconcileContext;
import dev.reverb.operator.act.apps.DetachFinalizer;
import dev.reverb.operator.desired.app.AppSecret;
import dev.reverb.operator.desired.app.AppTable;
import dev.reverb.operator.desired.app.WebhookHeaders;
import dev.reverb.operator.observe.ClusterObserver;
import dev.reverb.operator.observe.SecretLookup;
import dev.reverb.operator.observe.SecretSources;
import dev.reverb.operator.observe.SecretStore;
import dev.reverb.operator.plan.AppOwner;
import dev.reverb.operator.plan.AttachedApp;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.plan.Names;
import dev.reverb.operator.report.ClusterClaim;
import dev.reverb.operator.report.ConditionMeters;
import dev.reverb.operator.report.Conditions;
import dev.reverb.operator.report.EventReason;
import dev.reverb.operator.report.EventRecorder;
import dev.reverb.operator.report.app.AppSecretStatus;
import dev.reverb.operator.report.app.AppStatuses;
import dev.reverb.operator.report.app.AppVerdict;
import dev.reverb.operator.report.app.ServedApps;
import dev.reverb.operator.report.app.Serving;
import dev.reverb.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reconciles a ReverbApp: writes its credentials beside it, and reports whether its cluster serves it. The copy in the
 * cluster's aggregate Secret is written by that cluster's reconcile alone; a change of that Secret leads here, so
 * nothing is polled. What is read comes from caches: a reconcile that changes nothing costs no request.
 */
@ControllerConfiguration(name = "reverbapp", // in logs and metrics
        generationAwareEventProcessing = false, triggerReconcilerOnAllEvents = true)
public final class AppReconciler implements Reconciler<ReverbApp> {
    /** The longest that a deletion waits for a cluster that could take the entry out. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMinutes(5);
    private static final String REFUSED = "ApiServerRefused";

    private final KubernetesClient client;
    private final OperatorSettings settings;
    private final ServedApps served;
    private final ClusterClaim claim;
    private final ConditionMeters meters;
    private final Clock clock;
    private final EventRecorder recorder;
    private final Applier applier;
    private final DetachFinalizer finalizer;
    private final AppStatuses statuses;
    private @Nullable SecretSources<ReverbApp> secrets;
    private @Nullable InformerEventSource<ReverbCluster, ReverbApp> clusters;

    /** Reconciles through {@code client}; {@code served} says what the servers have in force. */
    public AppReconciler(KubernetesClient client, OperatorSettings settings, ServedApps served, ConditionMeters meters,
            Clock clock) {
        this.meters = meters;
        claim = new ClusterClaim(client, settings.namespace());
        this.served = served;
        this.client = client;
        this.settings = settings;
        this.clock = clock;
        recorder = new EventRecorder(client, meters, clock);
        applier = new Applier(client);
        finalizer = new DetachFinalizer(client);
        statuses = new AppStatuses(client);
    }

    @Override
    public List<EventSource<?, ReverbApp>> prepareEventSources(EventSourceContext<ReverbApp> context) {
        SecretSources<ReverbApp> watched = new SecretSources<>(ReverbApp.class, settings.namespaces(),
                secret -> appsOf(secret, context), context);
        secrets = watched;
        clusters = new InformerEventSource<>(InformerEventSourceConfiguration.from(ReverbCluster.class, ReverbApp.class)
                .withNamespacesInheritedFromController()
                .withOnUpdateFilter((after, before) -> matters(before, after))
                .withSecondaryToPrimaryMapper(cluster -> appsOf(cluster.getMetadata().getNamespace(),
                        cluster.getMetadata().getName(), context))
                .build(), context);
        SimpleInboundEventSource<ReverbApp> servers = new SimpleInboundEventSource<>("servers");
        served.onChange(owner -> servers.propagateEvent(new ResourceID(owner.name(), owner.namespace())));
        List<EventSource<?, ReverbApp>> sources = new ArrayList<>(watched.all());
        sources.add(clusters);
        sources.add(servers);
        return sources;
    }

    /** Applications that {@code secret} matters to, and those of the cluster whose aggregate Secret it is. */
    private static Set<ResourceID> appsOf(Secret secret, EventSourceContext<ReverbApp> context) {
        ObjectMeta metadata = secret.getMetadata();
        Set<ResourceID> apps = context.getPrimaryCache()
                .list(metadata.getNamespace())
                .filter(app -> ClusterObserver.named(app).anyMatch(metadata.getName()::equals))
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
        String cluster = metadata.getLabels() == null ? null : metadata.getLabels().get(Labels.CLUSTER);
        if (cluster != null && new Names(cluster).config().equals(metadata.getName())) {
            apps.addAll(appsOf(metadata.getNamespace(), cluster, context));
        }
        return apps;
    }

    private static Set<ResourceID> appsOf(String namespace, String cluster, EventSourceContext<ReverbApp> context) {
        return context.getPrimaryCache()
                .list()
                .filter(app -> AttachedApp.refersTo(app, namespace, cluster))
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }

    /** What an application's status depends on; connections and the like change every few seconds. */
    static boolean matters(ReverbCluster before, ReverbCluster after) {
        return ResourceChange.between(before, after) || !stalled(before).equals(stalled(after));
    }

    private static Optional<String> stalled(ReverbCluster cluster) {
        return AppVerdict.condition(cluster, "Stalled").map(found -> found.getStatus() + found.getMessage());
    }

    @Override
    public UpdateControl<ReverbApp> reconcile(ReverbApp app, Context<ReverbApp> context) {
        return ErrorGuard.run(() -> act(app, context));
    }

    private UpdateControl<ReverbApp> act(ReverbApp app, Context<ReverbApp> context) {
        if (context.isPrimaryResourceDeleted()) {
            meters.forget(app.getMetadata().getUid());
            statuses.forget(app);
            return UpdateControl.noUpdate();
        }
        Optional<String> unreadable = app.unreadable();
        Optional<ReverbCluster> cluster = unreadable.isPresent() ? Optional.empty()
                : Objects.requireNonNull(clusters)
                        .get(new ResourceID(app.getSpec().clusterRef().name(), AttachedApp.clusterNamespace(app)));
        if (cluster.map(found -> claim.foreign(found, clock.instant()).isPresent())
                .orElseGet(() -> claim.foreign(app, clock.instant()))) {
            // the other operator serves it
            return app.getMetadata().getDeletionTimestamp() == null
                    ? UpdateControl.<ReverbApp>noUpdate().rescheduleAfter(ClusterClaim.RENEW)
                    : deleteForeign(app);
        }
        if (unreadable.isPresent()) {
            return leave(app, unreadable.get() + "; an app that was served is served as it was");
        }
        Optional<String> clusterUnreadable = cluster.flatMap(ReverbCluster::unreadable);
        if (clusterUnreadable.isPresent()) {
            return leave(app, "spec.clusterRef: the ReverbCluster cannot be read: " + clusterUnreadable.get()
                    + "; its apps are served as they were");
        }
        Optional<ClusterPlan> plan = cluster.map(found -> ClusterPlan.of(found, settings));
        if (app.getMetadata().getDeletionTimestamp() != null) {
            return delete(app, cluster, plan);
        }
        Observed observed = observe(app, cluster, plan);
        report(app, plan, observed);
        return UpdateControl.<ReverbApp>noUpdate().rescheduleAfter(next(observed));
    }

    /** Nothing is done for {@code app} but to say why; when it is deleted, nothing here holds it. */
    private UpdateControl<ReverbApp> leave(ReverbApp app, String why) {
        if (app.getMetadata().getDeletionTimestamp() != null) {
            finalizer.remove(app);
            return UpdateControl.noUpdate();
        }
        ReverbAppStatus last = statuses.last(app);
        Conditions conditions = new Conditions(last == null ? List.of() : ClusterPlan.orEmpty(last.conditions()),
                app.getMetadata().getGeneration(), clock.instant());
        Condition ready = conditions.make("Ready", false, AppVerdict.UNREADABLE, why);
        write(app, last,
                new ReverbAppStatus(app.getMetadata().getGeneration(), last == null ? null : last.id(),
                        last == null ? null : last.secret(), last == null ? null : last.url(),
                        last == null ? null : last.rotatedAt(), last == null ? null : last.previousSecretUntil(),
                        last == null ? null : last.previousSecretLastUsed(), claim.after(last, clock.instant()),
                        List.of(ready)),
                ready);
        return UpdateControl.<ReverbApp>noUpdate().rescheduleAfter(POLL);
    }

    /** When nothing calls earlier: the end of a previous secret has no event of its own. */
    private Duration next(Observed observed) {
        String reason = observed.verdict().reason();
        Duration usual = reason.equals(AppVerdict.ATTACHING) || reason.equals(REFUSED) ? POLL.dividedBy(10) : POLL;
        String until = AppSecretStatus.previousUntil(observed.secret());
        if (until == null) {
            return usual;
        }
        Duration left = Duration
                .between(clock.instant(), GeneratedSecret.instant(until).orElseGet(() -> clock.instant().plus(usual)))
                .plusMillis(100);
        return left.compareTo(usual) > 0 ? usual : left.isNegative() ? POLL.dividedBy(300) : left;
    }

    private record Observed(AppVerdict verdict, @Nullable Secret secret) {}

    private UpdateControl<ReverbApp> delete(ReverbApp app, Optional<ReverbCluster> cluster,
            Optional<ClusterPlan> plan) {
        if (!app.hasFinalizer(DetachFinalizer.NAME)) {
            return UpdateControl.noUpdate();
        }
        List<String> listed = plan.map(found -> table(found).idsOf(app.getMetadata().getUid())).orElse(List.of());
        String kept = null;
        if (!listed.isEmpty()) {
            ReverbCluster present = cluster.orElseThrow();
            if (present.getMetadata().getDeletionTimestamp() != null) {
                kept = "is being deleted";
            } else if (AppVerdict.paused(present)) {
                kept = "is paused";
            } else if (!waits(app)) {
                kept = "has not answered for " + PATIENCE.toSeconds() + " s";
            } else {
                return UpdateControl.<ReverbApp>noUpdate().rescheduleAfter(PATIENCE.dividedBy(4));
            }
        }
        return detach(app, kept == null ? "the cluster no longer serves the app " + AttachedApp.id(app)
                : "the cluster " + kept + ": it takes the app " + AttachedApp.id(app) + " out when it acts again");
    }

    /** Another operator may not watch the application's namespace, or may be gone. */
    private UpdateControl<ReverbApp> deleteForeign(ReverbApp app) {
        if (!app.hasFinalizer(DetachFinalizer.NAME)) {
            return UpdateControl.noUpdate();
        }
        return waits(app) ? UpdateControl.<ReverbApp>noUpdate().rescheduleAfter(PATIENCE.dividedBy(4))
                : detach(app, "the operator that acts on the cluster has not answered for " + PATIENCE.toSeconds()
                        + " s: it takes the app " + AttachedApp.id(app) + " out when it acts again");
    }

    private UpdateControl<ReverbApp> detach(ReverbApp app, String message) {
        finalizer.remove(app);
        recorder.record(app, EventReason.AppDetached, message);
        return UpdateControl.noUpdate();
    }

    /** Whether the deletion of {@code app} began so recently that the cluster may still take its entry out. */
    private boolean waits(ReverbApp app) {
        Instant deleted = OffsetDateTime.parse(app.getMetadata().getDeletionTimestamp()).toInstant();
        return clock.instant().isBefore(deleted.plus(PATIENCE));
    }

    private AppTable table(ClusterPlan plan) {
        // lost together with the application's own Secret, it still says which credentials are in force
        return AppTable
                .read(lookup().find(plan.namespace(), plan.names().config()).or(() -> served.written(plan.uid())));
    }

    private Observed observe(ReverbApp app, Optional<ReverbCluster> cluster, Optional<ClusterPlan> plan) {
        if (cluster.isEmpty() || plan.isEmpty()) {
            finalizer.remove(app);
            return new Observed(AppVerdict.clusterMissing(app), null);
        }
        AppTable table = table(plan.get());
        boolean listed = !table.idsOf(app.getMetadata().getUid()).isEmpty();
        if (!listed || app.getMetadata().getNamespace().equals(plan.get().namespace())) {
            finalizer.remove(app);
        } else {
            finalizer.add(app);
        }
        if (!AttachedApp.allowed(plan.get(), app.getMetadata().getNamespace())) {
            return new Observed(AppVerdict.namespaceNotAllowed(app), null);
        }
        try {
            Optional<Secret> secret = secret(app, plan.get(), table);
            JsonNode entry = table.entries().get(AttachedApp.id(app));
            return new Observed(AppVerdict.of(app, cluster.get(), plan.get(), table,
                    secret.map(Secret::getData).flatMap(Credentials::read),
                    WebhookHeaders.of(app.getSpec().settings(), app.getMetadata().getNamespace(), lookup()::find),
                    entry == null ? new Serving.Unknown("") : served.of(plan.get().uid(), AttachedApp.id(app), entry)),
                    secret.orElse(null));
        } catch (Applier.NotOurs e) {
            return new Observed(new AppVerdict(false, "NameCollision", String.valueOf(e.getMessage())), null);
        } catch (KubernetesClientException e) {
            if (e.getCode() != 422 && e.getCode() != 403) {
                throw e;
            }
            return new Observed(new AppVerdict(false, REFUSED,
                    "the Secret " + AttachedApp.secret(app) + ": " + ReconcileContext.message(e)
                            + (listed ? "; the app is served as it was" : "; the app is not served")),
                    null);
        }
    }

    private Optional<Secret> secret(ReverbApp app, ClusterPlan plan, AppTable table) {
        SecretLookup lookup = lookup();
        String namespace = app.getMetadata().getNamespace();
        if (app.getSpec().credentialsSecret() != null) {
            return lookup.find(namespace, app.getSpec().credentialsSecret());
        }
        String uid = app.getMetadata().getUid();
        Secret address = AppSecret.address(AppSecret.metadata(app), AttachedApp.id(app),
                served.inForce(plan).apiAddress());
        Optional<Credentials> inForce = table.served(AttachedApp.id(app), AppOwner.of(app))
                .flatMap(AppTable::credentials);
        Secret secret = new GeneratedSecret(client, lookup).ensure(
                new GeneratedSecret.Request(address, uid, app.getMetadata().getAnnotations(), inForce, clock.instant()),
                (reason, message) -> recorder.record(app, reason, message));
        try {
            applier.apply(address, secret, uid);
        } catch (KubernetesClientException e) {
            // one that nobody may change keeps an old address, and its credentials are served as they are
            if (e.getCode() != 422 || !Boolean.TRUE.equals(secret.getImmutable())) {
                throw e;
            }
        }
        return Optional.of(secret);
    }

    private SecretLookup lookup() {
        return SecretStore.lookup(Objects.requireNonNull(secrets)::get, client);
    }

    private void report(ReverbApp app, Optional<ClusterPlan> plan, Observed observed) {
        AppVerdict verdict = observed.verdict();
        ReverbAppStatus last = statuses.last(app);
        Conditions conditions = new Conditions(last == null ? List.of() : ClusterPlan.orEmpty(last.conditions()),
                app.getMetadata().getGeneration(), clock.instant());
        Condition ready = conditions.make("Ready", verdict.ready(), verdict.reason(), verdict.message());
        ReverbAppStatus status = new ReverbAppStatus(app.getMetadata().getGeneration(), AttachedApp.id(app),
                AttachedApp.secret(app), plan.map(found -> served.inForce(found).publicAddress().url()).orElse(null),
                AppSecretStatus.rotatedAt(observed.secret()), AppSecretStatus.previousUntil(observed.secret()),
                lastUsed(app, plan, last, observed.secret()), claimed(app, plan, last), List.of(ready));
        write(app, last, status, ready);
    }

    /** Of an app beside its cluster the cluster's claim says enough: whoever watches the one watches the other. */
    private @Nullable OperatorClaim claimed(ReverbApp app, Optional<ClusterPlan> plan, @Nullable ReverbAppStatus last) {
        boolean beside = plan.filter(found -> found.namespace().equals(app.getMetadata().getNamespace())).isPresent();
        return beside ? null : claim.after(last, clock.instant());
    }

    /** As far as is known since the operator started, or else as the status said for the same rotation. */
    private @Nullable String lastUsed(ReverbApp app, Optional<ClusterPlan> plan, @Nullable ReverbAppStatus last,
            @Nullable Secret secret) {
        String until = AppSecretStatus.previousUntil(secret);
        return plan.flatMap(found -> served.previousSecretUsed(found.uid(), AttachedApp.id(app)))
                .map(Instant::toString)
                .orElseGet(() -> last == null || until == null || !until.equals(last.previousSecretUntil()) ? null
                        : last.previousSecretLastUsed());
    }

    private void write(ReverbApp app, @Nullable ReverbAppStatus last, ReverbAppStatus status, Condition ready) {
        meters.saw(app, List.of(ready));
        if (status.equals(last)) {
            return;
        }
        record(app, last, ready);
        statuses.write(app, status);
    }

    private void record(ReverbApp app, @Nullable ReverbAppStatus last, Condition ready) {
        boolean known = last != null && Stream.ofNullable(last.conditions())
                .flatMap(List::stream)
                .anyMatch(condition -> ready.getReason().equals(condition.getReason()));
        if (!known && !ready.getReason().equals(AppVerdict.ATTACHING)) {
            recorder.record(app, ready.getStatus().equals("True") ? EventReason.AppAttached : EventReason.Refused,
                    ready.getMessage());
        }
    }
}
