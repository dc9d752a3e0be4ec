package dev.reverb.e2e.cluster;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The node of {@code dev/kube/up}, started when it does not run and left running for the next time. */
final class LocalNode implements Kubernetes {
    private final Path kubeconfig;

    LocalNode() {
        kubeconfig = Path.of(Shell.run(Map.of(), List.of("dev/kube/up")).strip());
    }

    @Override
    public Path kubeconfig() {
        return kubeconfig;
    }

    @Override
    public void load(Path archive) {
        Shell.run(Map.of(), List.of("dev/kube/load", archive.toString()));
    }

    @Override
    public void apiServer(boolean running) {
        Shell.run(Map.of(), running ? List.of("dev/kube/apiserver") : List.of("dev/kube/apiserver", "stop"));
    }

    @Override
    public void kill(String uid, String program) {
        Shell.run(Map.of(), List.of("dev/kube/kill", uid, program));
    }

    @Override
    public void close() {}
}
