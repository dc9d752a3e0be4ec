package dev.reverb.e2e.cluster;

import java.nio.file.Path;

/** Where a Kubernetes for the tests comes from. */
public interface Kubernetes extends AutoCloseable {

    /** A kubeconfig with every right. */
    Path kubeconfig();

    /** Makes an image archive known to every node; does nothing where images are pulled. */
    void load(Path archive);

    /** Stops or starts the API server and leaves everything else running. */
    void apiServer(boolean running);

    /** Whether {@link #apiServer}, the audit log and images from archives are there. */
    boolean owned();

    @Override
    void close();

    /**
     * The one to use: {@code REVERB_E2E_KUBERNETES} is {@code given} (KUBECONFIG), {@code node} (dev/kube/up) or
     * {@code k3s} (Docker); by default {@code given} when KUBECONFIG is set, else {@code node}.
     */
    static Kubernetes choose() {
        String kubeconfig = System.getenv("KUBECONFIG");
        String wanted = System.getenv().getOrDefault("REVERB_E2E_KUBERNETES", kubeconfig == null ? "node" : "given");
        return switch (wanted) {
            case "given" -> {
                if (kubeconfig == null) {
                    throw new IllegalStateException("REVERB_E2E_KUBERNETES is given, so KUBECONFIG has to name a file");
                }
                yield new GivenKubernetes(Path.of(kubeconfig));
            }
            case "node" -> new LocalNode();
            case "k3s" -> new K3sKubernetes();
            default -> throw new IllegalStateException(
                    "REVERB_E2E_KUBERNETES is \"" + wanted + "\"; allowed: given, node, k3s");
        };
    }
}
