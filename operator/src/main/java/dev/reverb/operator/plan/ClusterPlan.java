package dev.reverb.operator.plan;

import dev.reverb.crd.ApiSpec;
import dev.reverb.crd.AppIds;
import dev.reverb.crd.AppSpec;
import dev.reverb.crd.AutoscalingProvider;
import dev.reverb.crd.AutoscalingSpec;
import dev.reverb.crd.CredentialRetention;
import dev.reverb.crd.DrainSpec;
import dev.reverb.crd.ExternalRedisSpec;
import dev.reverb.crd.LimitsSpec;
import dev.reverb.crd.ManagedRedisSpec;
import dev.reverb.crd.NameRef;
import dev.reverb.crd.RebalanceSpec;
import dev.reverb.crd.RedisFlavor;
import dev.reverb.crd.RedisSpec;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.crd.ReverbClusterSpec;
import dev.reverb.crd.RollFailurePolicy;
import dev.reverb.crd.RolloutSpec;
import dev.reverb.crd.ServerSpec;
import dev.reverb.crd.SwitchSpec;
import dev.reverb.model.read.ServerLimits;
import dev.reverb.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One cluster as it shall be: its spec, with every default resolved by a method of its own.
 *
 * @param namespace of the cluster and of everything that it owns
 * @param name of the cluster
 * @param uid of the ReverbCluster, for owner references
 * @param spec as it was written
 * @param operator what the operator was installed with
 */
public record ClusterPlan(
        String namespace,
        String name,
        String uid,
        ReverbClusterSpec spec,
        OperatorSettings operator) {
    public static final int HTTP_PORT = 8080;
    public static final int MANAGEMENT_PORT = 8081;
    /** Of the HTTP API, where it is apart from {@link #HTTP_PORT}. */
    public static final int API_PORT = 8082;
    private static final int LONGEST_PREFIX = 100;
    /** What the server needs beyond its drain until it has exited. */
    private static final Duration MARGIN = Duration.ofSeconds(15);

    /** The plan of {@code cluster}; a missing spec is an empty one. */
    public static ClusterPlan of(ReverbCluster cluster, OperatorSettings operator) {
        ObjectMeta metadata = cluster.getMetadata();
        ReverbClusterSpec spec = cluster.getSpec();
        return new ClusterPlan(metadata.getNamespace(), metadata.getName(), metadata.getUid(),
                spec == null ? ReverbClusterSpec.empty() : spec, operator);
    }

    public Names names() {
        return new Names(name);
    }

    /** Metadata of an object of {@code component} that this cluster owns. */
    public ObjectMeta owned(String objectName, String component) {
        return new ObjectMetaBuilder().withNamespace(namespace)
                .withName(objectName)
                .withLabels(Labels.of(name, component))
                .withOwnerReferences(owner())
                .build();
    }

    /** What makes the API server remove an object together with this cluster. */
    public OwnerReference owner() {
        return new OwnerReferenceBuilder().withApiVersion("reverb.dev/v1")
                .withKind("ReverbCluster")
                .withName(name)
                .withUid(uid)
                .withController(true)
                .withBlockOwnerDeletion(true)
                .build();
    }

    public String image() {
        return spec.image() == null ? operator.serverImage() : spec.image();
    }

    /** The tag of the image, or the start of its digest. */
    public String version() {
        return version(image());
    }

    /** The tag of {@code image}, or the start of its digest. */
    public static String version(String image) {
        int digest = image.indexOf('@');
        String named = digest < 0 ? image : image.substring(0, digest);
        int colon = named.indexOf(':', named.lastIndexOf('/') + 1);
        if (colon >= 0) {
            return named.substring(colon + 1);
        }
        return digest < 0 ? "latest" : image.substring(digest + 1, Math.min(image.length(), digest + 20));
    }

    public List<LocalObjectReference> imagePullSecrets() {
        return orEmpty(spec.imagePullSecrets()).stream().map(NameRef::name).map(LocalObjectReference::new).toList();
    }

    /** The declared applications, or the one that there is when none is declared. */
    public List<AppSpec> apps() {
        return spec.apps() == null ? List.of(AppSpec.of("app")) : spec.apps();
    }

    /** Whether generated Secrets of applications stay when the cluster is deleted. */
    public boolean retainsCredentials() {
        return spec.credentialsOnDelete() != CredentialRetention.DELETE;
    }

    /** Whether a ReverbApp of another namespace may have an id that is not of the form NAMESPACE.*. */
    public boolean anyAppId() {
        return spec.appIds() == AppIds.ANY;
    }

    /** How many servers the spec asks for. */
    public int replicas() {
        return spec.replicas() == null ? 2 : spec.replicas();
    }

    public PublicAddress publicAddress() {
        return PublicAddress.of(spec, names().server(), namespace);
    }

    /** Whether the HTTP API is served on a port of its own. */
    public boolean apiApart() {
        ApiSpec api = spec.api();
        return api != null && !Boolean.FALSE.equals(api.enabled());
    }

    /** Whether Ingress or route publish the HTTP API. */
    public boolean apiPublished() {
        ApiSpec api = spec.api();
        return !apiApart() || (api != null && Boolean.TRUE.equals(api.publish()));
    }

    /** Where back ends send their requests: by the inner Service where there is one. */
    public PublicAddress apiAddress() {
        return apiApart() ? new PublicAddress(spec.tls() != null, names().api() + "." + namespace + ".svc", HTTP_PORT)
                : publicAddress();
    }

    /** The managed Redis, with an empty spec when nothing is said; empty when there is an external one. */
    public Optional<ManagedRedisSpec> managedRedis() {
        RedisSpec redis = spec.redis();
        if (redis != null && redis.external() != null) {
            return Optional.empty();
        }
        ManagedRedisSpec managed = redis == null ? null : redis.managed();
        return Optional.of(managed == null ? ManagedRedisSpec.empty() : managed);
    }

    public Optional<ExternalRedisSpec> externalRedis() {
        return Optional.ofNullable(spec.redis()).map(RedisSpec::external);
    }

    /** The image of the managed Redis {@code redis}. */
    public String redisImage(ManagedRedisSpec redis) {
        if (redis.image() != null) {
            return redis.image();
        }
        return redis.flavor() == RedisFlavor.VALKEY ? operator.valkeyImage() : operator.redisImage();
    }

    /** The prefix of every key in Redis, shortened where the names are longer than servers take. */
    public String redisPrefix() {
        return externalRedis().map(ExternalRedisSpec::prefix).orElseGet(() -> {
            String whole = namespace + ":" + name;
            return whole.length() <= LONGEST_PREFIX ? whole
                    : whole.substring(0, LONGEST_PREFIX - 9) + "." + Digest.of(whole).substring(0, 8);
        });
    }

    /** How long a stopping server still serves while endpoints drop it. */
    public Duration endpointGrace() {
        return Durations.of(drain().endpointGrace(), Duration.ofSeconds(5));
    }

    /** Over how long connections are closed, when that is written. */
    public Optional<Duration> drainDuration() {
        return Optional.ofNullable(drain().duration()).map(text -> Durations.of(text, Duration.ZERO));
    }

    /** How long before its close a client that resumes is notified, when that is written. */
    public Optional<Duration> drainNotice() {
        return Optional.ofNullable(drain().notice()).map(text -> Durations.of(text, Duration.ZERO));
    }

    /** How long clients that are sent elsewhere stay members of presence channels, when that is written. */
    public Optional<Duration> presenceLinger() {
        return Optional.ofNullable(drain().presenceLinger()).map(text -> Durations.of(text, Duration.ZERO));
    }

    /** Limits of the servers that applications have to fit into. */
    public ServerLimits serverLimits() {
        return ServerLimits.of(Optional.ofNullable(spec.server()).map(ServerSpec::maxRequestSize),
                Optional.ofNullable(spec.limits()).map(LimitsSpec::outboundBuffer));
    }

    /** Connections closed per second. */
    public int closesPerSecond() {
        Integer pace = drain().closesPerSecond();
        return pace == null ? 100 : pace;
    }

    /** Moves of connections to servers that joined; empty when nobody wants any. */
    public Optional<RebalanceSpec> rebalance() {
        return Optional.ofNullable(spec.rebalance()).filter(rebalance -> !Boolean.FALSE.equals(rebalance.enabled()));
    }

    /** From the decision to stop a server to the moment at which it is killed. */
    public Duration terminationGrace() {
        return endpointGrace().plus(drainDuration().orElse(Duration.ofSeconds(60))).plus(MARGIN);
    }

    private DrainSpec drain() {
        return spec.drain() == null ? DrainSpec.empty() : spec.drain();
    }

    /** Whether a roll with {@code wanted} servers adds one first. */
    public boolean surge(int wanted) {
        RolloutSpec rollout = spec.rollout();
        return (rollout == null || rollout.surge() == null) ? wanted == 1 : rollout.surge();
    }

    /** How long a roll waits at most for reconnects to settle. */
    public Duration settleTimeout() {
        return Durations.of(spec.rollout() == null ? null : spec.rollout().settleTimeout(), Duration.ofSeconds(60));
    }

    /** How long a roll watches a new server that is ready before it replaces the next one. */
    public Duration watchWindow() {
        return Durations.of(spec.rollout() == null ? null : spec.rollout().watchWindow(), operator.rollWatch());
    }

    /** How long one step of a roll may take before the cluster is degraded. */
    public Duration progressDeadline() {
        return Durations.of(spec.rollout() == null ? null : spec.rollout().progressDeadline(), Duration.ofMinutes(10));
    }

    /** Whether a revision that fails is taken back. */
    public boolean revertsOnFailure() {
        return spec.rollout() != null && spec.rollout().onFailure() == RollFailurePolicy.REVERT;
    }

    /** Autoscaling by {@code provider}, when that is what is asked for. */
    public Optional<AutoscalingSpec> autoscaling(AutoscalingProvider provider) {
        return Optional.ofNullable(spec.autoscaling())
                .filter(scaling -> (scaling.provider() == null ? AutoscalingProvider.HPA
                        : scaling.provider()) == provider);
    }

    /** How long a lower need has to last before a server is removed. */
    public static Duration scaleDownWindow(AutoscalingSpec scaling) {
        return Durations.of(scaling.scaleDownWindow(), Duration.ofMinutes(30));
    }

    /** Fewest servers under {@code scaling}. */
    public static int minReplicas(AutoscalingSpec scaling) {
        return scaling.minReplicas() == null ? 2 : scaling.minReplicas();
    }

    /** The fewest servers that there may be, whoever decides. */
    public int leastReplicas() {
        return spec.autoscaling() == null ? replicas() : minReplicas(spec.autoscaling());
    }

    /** The most servers that there may be, whoever decides; one that a roll adds is not counted. */
    public int mostReplicas() {
        return spec.autoscaling() == null ? replicas() : spec.autoscaling().maxReplicas();
    }

    public boolean networkPolicy() {
        SwitchSpec policy = spec.networkPolicy();
        return policy == null || policy.enabled() == null || policy.enabled();
    }

    /** The Secret with the servers' certificate, when they end TLS. */
    public Optional<String> tlsSecret() {
        return Optional.ofNullable(spec.tls()).map(tls -> tls.secretName() == null ? names().tls() : tls.secretName());
    }

    /** {@code list}, or an empty one. */
    public static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
