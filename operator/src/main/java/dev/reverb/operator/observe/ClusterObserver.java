package dev.reverb.operator.observe;

import dev.reverb.crd.ExternalRedisSpec;
import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.crd.SecretKeyRef;
import dev.reverb.operator.desired.app.WebhookHeaders;
import dev.reverb.operator.plan.AttachedApp;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.plan.Ownership;
import dev.reverb.operator.plan.PartsInForce;
import dev.reverb.operator.plan.RedisEndpoints;
import dev.reverb.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a cluster as it is. Caches say when to reconcile and what exists; what a roll is decided from (the servers'
 * StatefulSet and pods) is read fresh, because a cache that is behind would replace two servers at once.
 */
public final class ClusterObserver {
    private static final List<Class<? extends HasMetadata>> OWNED = List.of(StatefulSet.class, Service.class,
            ServiceAccount.class, ConfigMap.class, NetworkPolicy.class, PodDisruptionBudget.class, Ingress.class,
            HorizontalPodAutoscaler.class);

    private final KubernetesClient client;
    private final OperatorSettings settings;
    private final ServerStatusReader reader;
    private final Clock clock;
    private final ClusterCapabilities surroundings;
    private final HostUse hosts;
    private final RedisProbe probe = new RedisProbe();
    private @Nullable SecretSources<ReverbCluster> secrets;

    public ClusterObserver(KubernetesClient client, OperatorSettings settings, ServerStatusReader reader, Clock clock) {
        this.client = client;
        this.settings = settings;
        this.reader = reader;
        this.clock = clock;
        surroundings = new ClusterCapabilities(client);
        hosts = new HostUse(client, settings.namespaces());
    }

    /**
     * The cluster now.
     *
     * @param insists whether a part of the spec was held at the last look: it stays so though the clients left
     */
    public Observation observe(ReverbCluster cluster, Context<ReverbCluster> context, boolean insists) {
        ClusterPlan asked = ClusterPlan.of(cluster, settings);
        Optional<StatefulSet> servers = Optional.ofNullable(
                client.apps().statefulSets().inNamespace(asked.namespace()).withName(asked.names().server()).get())
                .filter(found -> Ownership.belongs(found, asked.uid()));
        List<Pod> pods = client.pods()
                .inNamespace(asked.namespace())
                .withLabels(Labels.selector(asked.name(), Labels.SERVER))
                .list()
                .getItems()
                .stream()
                // the labels alone select a pod that somebody made for a look around, too
                .filter(pod -> servers.isPresent() && Ownership.controlledBy(pod, servers.get().getMetadata().getUid())
                        && ServerPods.ordinal(pod).isPresent())
                .toList();
        List<Pod> ready = pods.stream().filter(pod -> ServerPods.ready(pod) && !ServerPods.terminating(pod)).toList();
        ServerStatuses statuses = reader.read(ready);
        boolean clients = insists || (!ready.isEmpty() && statuses.connections().orElse(1) > 0);
        PartsInForce parts = PartsInForce.of(asked,
                servers.map(found -> found.getMetadata().getAnnotations())
                        .map(annotations -> annotations.get(Labels.IN_FORCE))
                        .orElse(null),
                cluster.getMetadata().getAnnotations(), clients);
        ClusterPlan plan = parts.plan();
        List<HasMetadata> owned = new ArrayList<>();
        for (Class<? extends HasMetadata> kind : OWNED) {
            owned.addAll(context.getSecondaryResources(kind));
        }
        context.getSecondaryResources(Secret.class)
                .stream()
                .filter(secret -> plan.namespace().equals(secret.getMetadata().getNamespace())
                        && Ownership.belongs(secret, plan.uid()))
                .forEach(owned::add);
        Optional<StatefulSet> redis = owned.stream()
                .filter(StatefulSet.class::isInstance)
                .map(StatefulSet.class::cast)
                .filter(object -> object.getMetadata().getName().equals(plan.names().redis()))
                .findFirst();
        if (redis.isEmpty() && plan.managedRedis().isPresent()) {
            // its volume claims can never change, so what a cache does not know yet must not be guessed
            redis = Optional.ofNullable(
                    client.apps().statefulSets().inNamespace(plan.namespace()).withName(plan.names().redis()).get())
                    .filter(found -> Ownership.belongs(found, plan.uid()));
        }
        List<ReverbApp> attached = context.getSecondaryResources(ReverbApp.class)
                .stream()
                .filter(app -> AttachedApp.refersTo(app, plan.namespace(), plan.name()))
                .toList();
        return new Observation(cluster, plan, parts, servers, pods, redis, owned, lookup(), attached, statuses,
                externalRedis(plan), hostTaken(plan, owned), surroundings.defaultStorageClass(),
                surroundings.installed(), clock.instant());
    }

    private Optional<Boolean> externalRedis(ClusterPlan plan) {
        return plan.externalRedis().flatMap(redis -> {
            Optional<String> url = Optional.ofNullable(redis.urlSecret())
                    .flatMap(reference -> lookup().find(plan.namespace(), reference.name())
                            .map(Secret::getData)
                            .flatMap(data -> Credentials.value(data, reference.keyOr("url"))));
            return probe.answered(RedisEndpoints.of(redis, url, plan.namespace()), clock.instant());
        });
    }

    private Optional<String> hostTaken(ClusterPlan plan, List<HasMetadata> owned) {
        return hosts.earlier(plan,
                owned.stream()
                        .filter(Ingress.class::isInstance)
                        .map(Ingress.class::cast)
                        .filter(ingress -> Ownership.controlledBy(ingress, plan.uid()))
                        .findFirst());
    }

    private SecretLookup lookup() {
        return SecretStore.lookup(Objects.requireNonNull(secrets)::get, client);
    }

    public List<EventSource<?, ReverbCluster>> eventSources(EventSourceContext<ReverbCluster> context,
            Consumer<Pod> drains) {
        List<EventSource<?, ReverbCluster>> sources = new ArrayList<>();
        for (Class<? extends HasMetadata> kind : OWNED) {
            sources.add(owned(kind, context));
        }
        sources.add(new PodEventSource(InformerEventSourceConfiguration.from(Pod.class, ReverbCluster.class)
                .withNamespacesInheritedFromController()
                .withLabelSelector(Labels.COMPONENT + "=" + Labels.SERVER)
                .withSecondaryToPrimaryMapper(ClusterObserver::byLabel)
                .build(), context, drains));
        InformerEventSource<ReverbApp, ReverbCluster> apps = source(ReverbApp.class, context, app -> clusterOf(app));
        sources.add(apps);
        SecretSources<ReverbCluster> watched = new SecretSources<>(ReverbCluster.class, settings.namespaces(),
                secret -> clustersOf(secret, apps, context), context);
        secrets = watched;
        sources.addAll(watched.all());
        return sources;
    }

    private static <T extends HasMetadata> InformerEventSource<T, ReverbCluster> owned(Class<T> kind,
            EventSourceContext<ReverbCluster> context) {
        return new InformerEventSource<>(InformerEventSourceConfiguration.from(kind, ReverbCluster.class)
                .withNamespacesInheritedFromController()
                .withLabelSelector(Labels.MANAGED_BY + "=" + Labels.OPERATOR)
                .withSecondaryToPrimaryMapper(ClusterObserver::byLabel)
                .build(), context);
    }

    private static <T extends HasMetadata> InformerEventSource<T, ReverbCluster> source(Class<T> kind,
            EventSourceContext<ReverbCluster> context, SecondaryToPrimaryMapper<T> mapper) {
        return new InformerEventSource<>(InformerEventSourceConfiguration.from(kind, ReverbCluster.class)
                .withNamespacesInheritedFromController()
                .withSecondaryToPrimaryMapper(mapper)
                .build(), context);
    }

    private static Set<ResourceID> byLabel(HasMetadata object) {
        String cluster = object.getMetadata().getLabels() == null ? null
                : object.getMetadata().getLabels().get(Labels.CLUSTER);
        return cluster == null ? Set.of() : Set.of(new ResourceID(cluster, object.getMetadata().getNamespace()));
    }

    private static Set<ResourceID> clusterOf(ReverbApp app) {
        return app.getSpec() == null ? Set.of()
                : Set.of(new ResourceID(app.getSpec().clusterRef().name(), AttachedApp.clusterNamespace(app)));
    }

    /** Clusters that a Secret matters to: it is theirs, they name it, or it is that of an application of theirs. */
    private static Set<ResourceID> clustersOf(Secret secret, InformerEventSource<ReverbApp, ReverbCluster> apps,
            EventSourceContext<ReverbCluster> context) {
        String namespace = secret.getMetadata().getNamespace();
        String name = secret.getMetadata().getName();
        Set<ResourceID> clusters = new HashSet<>(byLabel(secret));
        context.getPrimaryCache()
                .list(namespace)
                .filter(cluster -> named(cluster).anyMatch(name::equals))
                .map(ResourceID::fromResource)
                .forEach(clusters::add);
        apps.list(namespace)
                .filter(app -> named(app).anyMatch(name::equals))
                .map(ClusterObserver::clusterOf)
                .forEach(clusters::addAll);
        return clusters;
    }

    /** Names of the Secrets that {@code app} takes credentials and headers of webhooks from, in its namespace. */
    public static Stream<String> named(ReverbApp app) {
        return app.getSpec() == null ? Stream.empty()
                : Stream.concat(Stream.of(AttachedApp.secret(app)), WebhookHeaders.secrets(app.getSpec().settings()));
    }

    private static Stream<String> named(ReverbCluster cluster) {
        if (cluster.getSpec() == null) {
            return Stream.empty();
        }
        Stream<String> apps = ClusterPlan.orEmpty(cluster.getSpec().apps())
                .stream()
                .flatMap(app -> Stream.concat(Stream.ofNullable(app.credentialsSecret()),
                        WebhookHeaders.secrets(app.settings())));
        Stream<SecretKeyRef> redis = cluster.getSpec().redis() == null ? Stream.empty()
                : Stream.concat(
                        Optional.ofNullable(cluster.getSpec().redis().managed())
                                .map(managed -> managed.passwordSecret())
                                .stream(),
                        Optional.ofNullable(cluster.getSpec().redis().external())
                                .stream()
                                .flatMap(ClusterObserver::references));
        Stream<String> tls = cluster.getSpec().tls() == null ? Stream.empty()
                : Stream.of(cluster.getSpec().tls().secretName(), cluster.getMetadata().getName() + "-tls");
        return Stream.of(apps, redis.map(SecretKeyRef::name), tls).flatMap(names -> names).filter(Objects::nonNull);
    }

    private static Stream<SecretKeyRef> references(ExternalRedisSpec redis) {
        List<SecretKeyRef> references = new ArrayList<>(Arrays.asList(redis.urlSecret(), redis.passwordSecret()));
        if (redis.sentinel() != null) {
            references.add(redis.sentinel().passwordSecret());
        }
        if (redis.tls() != null) {
            references.add(redis.tls().caSecret());
        }
        return references.stream().filter(Objects::nonNull).collect(Collectors.toList()).stream();
    }

    /** Pods' changes, which drains are read from before they make a cluster be looked at. */
    private static final class PodEventSource extends InformerEventSource<Pod, ReverbCluster> {
        private final Consumer<Pod> drains;

        PodEventSource(InformerEventSourceConfiguration<Pod> configuration, EventSourceContext<ReverbCluster> context,
                Consumer<Pod> drains) {
            super(configuration, context);
            this.drains = drains;
        }

        @Override
        public void onUpdate(Pod before, Pod after) {
            drains.accept(after);
            super.onUpdate(before, after);
        }

        @Override
        public void onDelete(Pod pod, boolean unknownFinalState) {
            drains.accept(pod);
            super.onDelete(pod, unknownFinalState);
        }
    }
}
