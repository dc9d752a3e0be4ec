package dev.reverb.e2e.cluster;

import java.nio.file.Path;

/** A Kubernetes that somebody runs; images are pulled from the registry that the settings name. */
record GivenKubernetes(Path kubeconfig) implements Kubernetes {

    @Override
    public void load(Path archive) {}

    @Override
    public void apiServer(boolean running) {
        throw new UnsupportedOperationException("the API server of a given Kubernetes is not the tests' to stop");
    }

    @Override
    public void kill(String uid, String program) {
        throw new UnsupportedOperationException("the processes of a given Kubernetes are not the tests' to kill");
    }

    @Override
    public void close() {}
}
