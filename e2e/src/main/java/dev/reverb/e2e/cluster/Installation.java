package dev.reverb.e2e.cluster;

import dev.reverb.testkit.Await;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The operator, installed by its chart with its own ServiceAccount into a Kubernetes; once for all tests of a run.
 * Kinds of
 * other projects are defined there too, so that what is written for them is checked against their schemas.
 * {@code REVERB_E2E_REGISTRY} and {@code REVERB_E2E_REDIS_IMAGE} name images to pull where archives cannot be loaded.
 */
public final class Installation implements AutoCloseable {
    public static final String NAMESPACE = "reverb-system";
    public static final String RELEASE = "reverb-operator";

    private final Kubernetes kubernetes;
    private final KubernetesClient client;
    private final String redisImage;
    private final String registry = System.getenv().getOrDefault("REVERB_E2E_REGISTRY", "docker.io");

    /** Chooses a Kubernetes and brings the images into it. */
    public Installation() {
        kubernetes = Kubernetes.choose();
        client = new KubernetesClientBuilder().withConfig(Config.fromKubeconfig(kubernetes.kubeconfig().toFile()))
                .build();
        redisImage = images();
        if (Kubernetes.Kind.chosen() != Kubernetes.Kind.GIVEN) {
            Shell.run(environment(), List.of("dev/kube/foreign-crds", "install"));
        }
    }

    private String images() {
        String given = System.getenv("REVERB_E2E_REDIS_IMAGE");
        if (kubernetes instanceof GivenKubernetes) {
            return given == null ? "docker.io/library/redis:8.2" : given;
        }
        for (String name : List.of("server", "operator")) {
            Path archive = Shell.repository().resolve("images/" + name + "/target/" + name + ".tar");
            if (!Files.exists(archive)) {
                throw new IllegalStateException(archive + " is missing: ./mvnw -P images -DskipTests package");
            }
            kubernetes.load(archive);
        }
        String name = Shell
                .run(Map.of(),
                        List.of("dev/kube/redis-image", Shell.repository().resolve("e2e/target/redis.tar").toString()))
                .strip();
        kubernetes.load(Shell.repository().resolve("e2e/target/redis.tar"));
        return name;
    }

    /** Installs or upgrades the operator and waits until it acts. */
    public void install(String... values) {
        install(Path.of("charts/reverb-operator"), values);
    }

    /** The same from another folder's chart. */
    public void install(Path chart, String... values) {
        List<String> command = new ArrayList<>(List.of("upgrade", "--install", RELEASE, chart.toString(), "--namespace",
                NAMESPACE, "--create-namespace", "--wait", "--timeout", "3m", "--set", "image.registry=" + registry,
                "--set", "defaultImages.redis=" + redisImage, "--set", "poll=2s", "--set", "upgrades.pause=1s", "--set",
                "rollWatch=2s"));
        for (String value : values) {
            command.addAll(List.of("--set", value));
        }
        helm(command);
    }

    /** Removes the operator; the definitions and whatever runs stay. */
    public void uninstall() {
        helm(List.of("uninstall", RELEASE, "--namespace", NAMESPACE, "--ignore-not-found", "--wait", "--timeout",
                "3m"));
    }

    public String helm(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("dev/kube/helm"));
        command.addAll(arguments);
        return Shell.run(environment(), command);
    }

    public String kubectl(String... arguments) {
        List<String> command = new ArrayList<>(List.of("dev/kube/kubectl"));
        command.addAll(List.of(arguments));
        return Shell.run(environment(), command);
    }

    /** Starts as many operators as said, without Helm, and waits for them; 0 is an operator that is down. */
    public void operators(int number) {
        client.apps().deployments().inNamespace(NAMESPACE).withName(RELEASE).scale(number);
        Await.until(number + " operators", Duration.ofMinutes(2), () -> {
            var pods = client.pods()
                    .inNamespace(NAMESPACE)
                    .withLabel("app.kubernetes.io/instance", RELEASE)
                    .list()
                    .getItems();
            return pods.size() == number && pods.stream().allMatch(Readiness::isPodReady);
        }, () -> kubectl("get", "pods", "-n", NAMESPACE));
    }

    /** Which operators run, and how often each has been restarted. */
    public List<String> operators() {
        return client.pods()
                .inNamespace(NAMESPACE)
                .withLabel("app.kubernetes.io/instance", RELEASE)
                .list()
                .getItems()
                .stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .map(pod -> pod.getMetadata().getName() + " restarts "
                        + pod.getStatus()
                                .getContainerStatuses()
                                .stream()
                                .mapToInt(container -> container.getRestartCount())
                                .sum())
                .sorted()
                .toList();
    }

    private Map<String, String> environment() {
        return Map.of("KUBECONFIG", kubernetes.kubeconfig().toString());
    }

    public Kubernetes kubernetes() {
        return kubernetes;
    }

    public KubernetesClient client() {
        return client;
    }

    /** The Redis image that managed Redis runs in these tests. */
    public String redisImage() {
        return redisImage;
    }

    public String registry() {
        return registry;
    }

    /** Waits for the namespaces of all tests to be gone: what could not be deleted is a fault of its own. */
    @Override
    public void close() {
        Await.until("the namespaces of the tests to be gone", ReverbClusters.GONE,
                () -> ReverbClusters.namespaces(client).isEmpty(), () -> ReverbClusters.namespaces(client) + "\n"
                        + kubectl("get", "pods,statefulsets,reverbclusters,reverbapps", "-A"));
        client.close();
        kubernetes.close();
    }
}
