package dev.reverb.e2e.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverb.e2e.live.Application;
import dev.reverb.e2e.live.Fleet;
import dev.reverb.testkit.Await;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The Reverb clusters of one test, in a namespace of its own with the restricted Pod Security profile. */
public final class ReverbClusters implements AutoCloseable {
    private static final ResourceDefinitionContext CLUSTER = new ResourceDefinitionContext.Builder()
            .withGroup("reverb.dev")
            .withVersion("v1")
            .withKind("ReverbCluster")
            .withPlural("reverbclusters")
            .withNamespaced(true)
            .build();
    private static final ResourceDefinitionContext APP = new ResourceDefinitionContext.Builder().withGroup("reverb.dev")
            .withVersion("v1")
            .withKind("ReverbApp")
            .withPlural("reverbapps")
            .withNamespaced(true)
            .build();
    private static final List<String> PROBES = List.of("probe");
    private static final String LABEL = "reverb.dev/e2e";

    /** Within which a namespace has to be gone, drains included. */
    static final Duration GONE = Duration.ofMinutes(3);

    private final KubernetesClient client;
    private final String namespace = "e2e-" + UUID.randomUUID().toString().substring(0, 8);

    /** Makes the namespace. */
    public ReverbClusters(KubernetesClient client) {
        this.client = client;
        client.resource(new NamespaceBuilder().withNewMetadata()
                .withName(namespace)
                .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                .addToLabels(LABEL, "true")
                .endMetadata()
                .build()).create();
    }

    public String namespace() {
        return namespace;
    }

    /** Applies manifests, server-side, in this namespace. */
    public void apply(String yaml) {
        for (HasMetadata object : client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .items()) {
            client.resource(object).inNamespace(namespace).fieldManager("e2e").forceConflicts().serverSideApply();
        }
    }

    /** Applies a ReverbCluster with this spec, written as YAML with two spaces of indentation. */
    public void applyCluster(String name, String spec) {
        apply("apiVersion: reverb.dev/v1\nkind: ReverbCluster\nmetadata: {name: " + name + "}\nspec:"
                + (spec.isBlank() ? " {}\n" : "\n" + spec));
    }

    public Resource<GenericKubernetesResource> cluster(String name) {
        return client.genericKubernetesResources(CLUSTER).inNamespace(namespace).withName(name);
    }

    public Resource<GenericKubernetesResource> app(String name) {
        return client.genericKubernetesResources(APP).inNamespace(namespace).withName(name);
    }

    /** Every ReverbApp of this namespace. */
    public List<GenericKubernetesResource> apps() {
        return client.genericKubernetesResources(APP).inNamespace(namespace).list().getItems();
    }

    /** A condition's status, or nothing when there is none yet or when it speaks of an older generation. */
    public Optional<Map<String, Object>> condition(String name, String type) {
        return condition(cluster(name).get(), type);
    }

    /** The same of a ReverbApp. */
    public Optional<Map<String, Object>> appCondition(String name, String type) {
        return condition(app(name).get(), type);
    }

    private static Optional<Map<String, Object>> condition(@Nullable GenericKubernetesResource found, String type) {
        if (found == null) {
            return Optional.empty();
        }
        List<Map<String, Object>> conditions = found.get("status", "conditions");
        if (conditions == null) {
            return Optional.empty();
        }
        Number observed = found.get("status", "observedGeneration");
        if (observed == null || observed.longValue() < found.getMetadata().getGeneration()) {
            return Optional.empty();
        }
        return conditions.stream().filter(condition -> type.equals(condition.get("type"))).findFirst();
    }

    /** Waits for a condition of the spec as it is now to be True. */
    public Duration awaitReady(String name, Duration most) {
        return Await.until("ReverbCluster " + name + " to be Ready", most,
                () -> condition(name, "Ready").map(c -> "True".equals(c.get("status"))).orElse(false),
                () -> describe(name));
    }

    /** Waits until nothing is in progress: the last roll or scaling is complete. */
    public Duration awaitSettled(String name, Duration most) {
        return Await.until("ReverbCluster " + name + " to be settled", most,
                () -> condition(name, "Ready").map(c -> "True".equals(c.get("status"))).orElse(false)
                        && condition(name, "Progressing").map(c -> "False".equals(c.get("status"))).orElse(false),
                () -> describe(name));
    }

    private String describe(String name) {
        GenericKubernetesResource found = cluster(name).get();
        return (found == null ? "no such cluster" : String.valueOf(found.getAdditionalProperties().get("status")))
                + "\npods: "
                + client.pods().inNamespace(namespace).list().getItems().stream().map(ReverbClusters::line).toList()
                + "\nevents: "
                + client.v1()
                        .events()
                        .inNamespace(namespace)
                        .list()
                        .getItems()
                        .stream()
                        .sorted(Comparator.comparing(event -> String.valueOf(event.getLastTimestamp())))
                        .map(event -> "\n  " + event.getInvolvedObject().getKind() + "/"
                                + event.getInvolvedObject().getName() + " " + event.getReason() + ": "
                                + event.getMessage())
                        .toList();
    }

    private static String line(Pod pod) {
        return pod.getMetadata().getName() + " " + pod.getStatus().getPhase()
                + (Readiness.isPodReady(pod) ? " ready" : "")
                + (pod.getMetadata().getDeletionTimestamp() == null ? "" : " terminating");
    }

    /** Server pods that are not on their way out, by name. */
    public List<Pod> servers(String name) {
        return client.pods()
                .inNamespace(namespace)
                .withLabel("reverb.dev/cluster", name)
                .withLabel("reverb.dev/component", "server")
                .list()
                .getItems()
                .stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
                .toList();
    }

    /** A meter of a server, summed over its tags, read through the API server; 0 where it is not served. */
    public int meter(Pod server, String name) {
        String page = String.valueOf(client.raw(
                "/api/v1/namespaces/" + namespace + "/pods/" + server.getMetadata().getName() + ":8081/proxy/metrics"));
        return page.lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Bytes that the container of a pod has resident, as the kubelet reports them. */
    public long memory(Pod pod) {
        String stats = String
                .valueOf(client.raw("/api/v1/nodes/" + pod.getSpec().getNodeName() + "/proxy/stats/summary"));
        for (JsonNode found : Serialization.unmarshal(stats, JsonNode.class).path("pods")) {
            if (found.path("podRef").path("uid").asText().equals(pod.getMetadata().getUid())) {
                return found.path("containers").path(0).path("memory").path("rssBytes").asLong();
            }
        }
        throw new AssertionError("the kubelet reports nothing of " + pod.getMetadata().getName());
    }

    /** How many connections each server has, in the order of their names. */
    public List<Integer> connections(String name) {
        return servers(name).stream().map(pod -> meter(pod, "reverb_connections")).toList();
    }

    /** Waits until the Service leads to every server: they are ready somewhat before the node's proxy knows of them. */
    public void awaitReached(String name, Duration most) {
        Application application = application(name, name + "-app");
        List<Integer> before = connections(name);
        try (Fleet fleet = Fleet.connect(application, 0, PROBES)) {
            Await.until("the Service to lead to every server", most, () -> {
                fleet.add(application, before.size() * 2, PROBES);
                List<Integer> now = connections(name);
                return IntStream.range(0, before.size()).allMatch(i -> now.get(i) > before.get(i));
            }, () -> before + " connections, then " + connections(name));
        }
    }

    /** A Secret's values. */
    public Map<String, String> secret(String name) {
        Secret secret = client.secrets().inNamespace(namespace).withName(name).get();
        if (secret == null) {
            throw new AssertionError("there is no Secret " + namespace + "/" + name);
        }
        return secret.getData()
                .entrySet()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey,
                        entry -> new String(Base64.getDecoder().decode(entry.getValue()), StandardCharsets.UTF_8)));
    }

    /** An application, reached from here through the cluster's client Service, with the credentials in its Secret. */
    public Application application(String cluster, String secretName) {
        Map<String, String> secret = secret(secretName);
        return new Application(Reach.of(client, namespace, cluster), secret.getOrDefault("REVERB_APP_ID", ""),
                secret.getOrDefault("REVERB_APP_KEY", ""), secret.getOrDefault("REVERB_APP_SECRET", ""));
    }

    public KubernetesClient client() {
        return client;
    }

    /** Namespaces of tests that are still there. */
    static List<String> namespaces(KubernetesClient client) {
        return client.namespaces()
                .withLabel(LABEL)
                .list()
                .getItems()
                .stream()
                .map(namespace -> namespace.getMetadata().getName())
                .toList();
    }

    /**
     * Removes the namespace with all that is in it, while the next test goes on; {@link Installation#close} awaits it.
     */
    @Override
    public void close() {
        client.namespaces().withName(namespace).delete();
    }
}
