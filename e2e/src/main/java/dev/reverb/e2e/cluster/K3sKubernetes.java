package dev.reverb.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testcontainers.k3s.K3sContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** K3s in Docker, for machines that have it. Not tried yet: no machine of this project has had Docker so far. */
final class K3sKubernetes implements Kubernetes {
    private static final String IMAGE = "rancher/k3s:v1.34.4-k3s1";

    private final K3sContainer container = new K3sContainer(DockerImageName.parse(IMAGE));
    private final Path kubeconfig;

    K3sKubernetes() {
        container.start();
        try {
            kubeconfig = Files.writeString(Files.createTempFile("k3s", ".kubeconfig"), container.getKubeConfigYaml());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Path kubeconfig() {
        return kubeconfig;
    }

    @Override
    public void load(Path archive) {
        String inside = "/tmp/" + archive.getFileName();
        container.copyFileToContainer(MountableFile.forHostPath(archive), inside);
        try {
            var result = container.execInContainer("ctr", "-n", "k8s.io", "images", "import", inside);
            if (result.getExitCode() != 0) {
                throw new AssertionError("k3s did not import " + archive + ": " + result.getStderr());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void apiServer(boolean running) {
        throw new UnsupportedOperationException("in k3s the API server is one process with the rest");
    }

    @Override
    public void kill(String uid, String program) {
        throw new UnsupportedOperationException("processes in k3s are not seen from here");
    }

    @Override
    public void close() {
        container.stop();
    }
}
