package dev.reverb.operator.reconcile;

import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.ForeignKind;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
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
 * @param plan its spec, resolved
 * @param servers the servers' StatefulSet, fresh from the API server
 * @param pods the servers' pods, fresh from the API server
 * @param redis the managed Redis's StatefulSet
 * @param owned every object of the cluster that the caches know
 * @param secrets looks a Secret up
 * @param attached applications that refer to the cluster, of whatever namespace
 * @param expositions the meters of all ready servers; empty when one did not answer
 * @param externalRedis whether an external Redis took a connection lately; empty when not known or managed
 * @param defaultStorageClass whether Kubernetes has one
 * @param installed kinds of other projects that Kubernetes knows
 * @param now the time
 */
record Observation(
        ReverbCluster cluster,
        ClusterPlan plan,
        Optional<StatefulSet> servers,
        List<Pod> pods,
        Optional<StatefulSet> redis,
        List<HasMetadata> owned,
        Secrets secrets,
        List<ReverbApp> attached,
        Optional<List<Exposition>> expositions,
        Optional<Boolean> externalRedis,
        boolean defaultStorageClass,
        Set<ForeignKind> installed,
        Instant now) {

    /** Looks Secrets up. */
    interface Secrets {
        /** The Secret, from a cache. */
        Optional<Secret> find(String namespace, String name);

        /** The Secret, from the API server: where a cache that is behind would lose something. */
        Optional<Secret> fresh(String namespace, String name);
    }

    /** Connections over all ready servers; empty when one did not answer. */
    OptionalLong connections() {
        return ServerMeter.connections(expositions);
    }

    List<Pod> readyPods() {
        return pods.stream().filter(pod -> Servers.ready(pod) && !Servers.terminating(pod)).toList();
    }

    /** The owned object of {@code kind} named {@code name} as the caches know it, or null. */
    <T extends HasMetadata> @Nullable T known(Class<T> kind, String name) {
        return owned.stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .filter(object -> object.getMetadata().getName().equals(name)
                        && plan.namespace().equals(object.getMetadata().getNamespace()))
                .findFirst()
                .orElse(null);
    }
}
