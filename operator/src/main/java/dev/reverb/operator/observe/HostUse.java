package dev.reverb.operator.observe;

import dev.reverb.crd.IngressSpec;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Ownership;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who else publishes the host of a cluster's Ingress, in the namespaces that are watched. A list request for each of
 * them at most once in {@link #AGE}, however many clusters ask, and none while no cluster has an Ingress. Any thread.
 */
final class HostUse {
    private static final Duration AGE = Duration.ofSeconds(30);

    private final KubernetesClient client;
    private final Set<String> namespaces;
    private @Nullable Answer answer;

    private record Answer(List<Ingress> ingresses, long at) {}

    /** Looks in {@code namespaces}, in all where there are none. */
    HostUse(KubernetesClient client, Set<String> namespaces) {
        this.client = client;
        this.namespaces = namespaces;
    }

    /**
     * The Ingress that had the host and a path of the cluster's Ingress before that one, as {@code NAMESPACE/NAME}.
     *
     * @param own the cluster's Ingress as it is, if there is one
     */
    Optional<String> earlier(ClusterPlan plan, Optional<Ingress> own) {
        IngressSpec ingress = plan.spec().ingress();
        if (ingress == null) {
            return Optional.empty();
        }
        String host = ingress.host();
        String className = ingress.className();
        List<String> paths = plan.apiApart() ? List.of("/app", "/apps") : List.of("/");
        return ingresses().stream()
                .filter(found -> !Ownership.controlledBy(found, plan.uid()) && sameClass(found, className)
                        && found.getSpec().getRules().stream().anyMatch(rule -> collides(rule, host, paths)))
                .filter(found -> own.isEmpty() || since(found).compareTo(since(own.get())) < 0)
                .min(Comparator.comparing(HostUse::since))
                .map(found -> found.getMetadata().getNamespace() + "/" + found.getMetadata().getName());
    }

    private static String since(Ingress ingress) {
        // one second is the API server's resolution: of two of the same second one has to be the first
        return ingress.getMetadata().getCreationTimestamp() + " " + ingress.getMetadata().getUid();
    }

    /** Without a class the Kubernetes' default decides, which may be either. */
    private static boolean sameClass(Ingress found, @Nullable String className) {
        String theirs = found.getSpec().getIngressClassName();
        return className == null || theirs == null || theirs.equals(className);
    }

    private static boolean collides(IngressRule rule, @Nullable String host, List<String> paths) {
        return Objects.equals(rule.getHost(), host) && rule.getHttp() != null
                && rule.getHttp().getPaths().stream().anyMatch(path -> paths.contains(path.getPath()));
    }

    private synchronized List<Ingress> ingresses() {
        Answer last = answer;
        if (last == null || System.nanoTime() - last.at() > AGE.toNanos()) {
            last = new Answer(ask(), System.nanoTime());
            answer = last;
        }
        return last.ingresses();
    }

    private List<Ingress> ask() {
        if (namespaces.isEmpty()) {
            return client.network().v1().ingresses().inAnyNamespace().list().getItems();
        }
        List<Ingress> found = new ArrayList<>();
        for (String namespace : namespaces) {
            try {
                found.addAll(client.network().v1().ingresses().inNamespace(namespace).list().getItems());
            } catch (KubernetesClientException e) {
                if (e.getCode() != 403) {
                    throw e; // without the permission nothing is known of that namespace
                }
            }
        }
        return found;
    }
}
