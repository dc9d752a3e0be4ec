package dev.reverb.operator.observe;

import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.operator.desired.redis.RedisFacts;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.ForeignKind;
import dev.reverb.operator.plan.PartsInForce;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One cluster as it is, read once at the begin of a reconcile; nothing is decided from anything else.
 *
 * @param cluster the resource
 * @param plan what is to be in force of its spec, resolved
 * @param parts which parts of the spec are held, and why
 * @param servers the servers' StatefulSet, fresh from the API server
 * @param pods the servers' pods, fresh from the API server
 * @param redis the managed Redis's StatefulSet
 * @param owned every object of the cluster that the caches know
 * @param secrets looks a Secret up
 * @param attached applications that refer to the cluster, of whatever namespace
 * @param statuses what the ready servers say of themselves
 * @param externalRedis whether an external Redis took a connection lately; empty when not known or managed
 * @param hostTaken the Ingress that had the host of the cluster's Ingress before it, {@code NAMESPACE/NAME}
 * @param defaultStorageClass whether Kubernetes has one
 * @param installed kinds of other projects that Kubernetes knows
 * @param now the time
 */
public record Observation(
        ReverbCluster cluster,
        ClusterPlan plan,
        PartsInForce parts,
        Optional<StatefulSet> servers,
        List<Pod> pods,
        Optional<StatefulSet> redis,
        List<HasMetadata> owned,
        SecretLookup secrets,
        List<ReverbApp> attached,
        ServerStatuses statuses,
        Optional<Boolean> externalRedis,
        Optional<String> hostTaken,
        boolean defaultStorageClass,
        Set<ForeignKind> installed,
        Instant now) {

    /** Connections over all ready servers; empty when one did not answer. */
    public OptionalLong connections() {
        return statuses.connections();
    }

    /** The managed Redis's volume claims that exist, without what the API server adds to them. */
    public RedisFacts redisFacts() {
        Optional<List<PersistentVolumeClaim>> claims = redis.map(set -> set.getSpec()
                .getVolumeClaimTemplates()
                .stream()
                .map(claim -> new PersistentVolumeClaimBuilder(claim).withStatus(null).build())
                .toList());
        return new RedisFacts(defaultStorageClass, claims);
    }

    /** Servers' pods that are ready and not being removed. */
    public List<Pod> readyPods() {
        return pods.stream().filter(pod -> ServerPods.ready(pod) && !ServerPods.terminating(pod)).toList();
    }

    /** The owned object of {@code kind} named {@code name} as the caches know it, or null. */
    public <T extends HasMetadata> @Nullable T known(Class<T> kind, String name) {
        return owned.stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .filter(object -> object.getMetadata().getName().equals(name)
                        && plan.namespace().equals(object.getMetadata().getNamespace()))
                .findFirst()
                .orElse(null);
    }
}
