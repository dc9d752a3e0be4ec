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

    /** Ends the processes called {@code program} of the pod with that uid with SIGKILL. */
    void kill(String uid, String program);

    @Override
    void close();

    /** Where one comes from. */
    enum Kind {
        /** KUBECONFIG. */
        GIVEN,
        /** {@code dev/kube/up}. */
        NODE,
        /** Docker. */
        K3S;

        /**
         * The one to use: {@code REVERB_E2E_KUBERNETES} is {@code given}, {@code node} or {@code k3s}; by default
         * {@code given} when KUBECONFIG is set, else {@code node}.
         */
        public static Kind chosen() {
            String fallback = System.getenv("KUBECONFIG") == null ? "node" : "given";
            String wanted = System.getenv().getOrDefault("REVERB_E2E_KUBERNETES", fallback);
            return switch (wanted) {
                case "given" -> GIVEN;
                case "node" -> NODE;
                case "k3s" -> K3S;
                default -> throw new IllegalStateException(
                        "REVERB_E2E_KUBERNETES is \"" + wanted + "\"; allowed: given, node, k3s");
            };
        }
    }

    /** Starts or finds the one that is {@linkplain Kind#chosen() chosen}. */
    static Kubernetes choose() {
        return switch (Kind.chosen()) {
            case GIVEN -> {
                String kubeconfig = System.getenv("KUBECONFIG");
                if (kubeconfig == null) {
                    throw new IllegalStateException("REVERB_E2E_KUBERNETES is given, so KUBECONFIG has to name a file");
                }
                yield new GivenKubernetes(Path.of(kubeconfig));
            }
            case NODE -> new LocalNode();
            case K3S -> new K3sKubernetes();
        };
    }
}
