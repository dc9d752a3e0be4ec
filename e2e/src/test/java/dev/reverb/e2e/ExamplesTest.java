package dev.reverb.e2e;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.e2e.cluster.Installation;
import dev.reverb.e2e.cluster.ReverbClusters;
import dev.reverb.e2e.cluster.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(InstalledOperator.class)
class ExamplesTest {

    private static final Duration READY = Duration.ofMinutes(3);

    /** Applies for real what needs nothing else; the API server checks the others against schema and rules. */
    @Test
    void everyExampleIsAccepted(Installation installation) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(Shell.repository().resolve("examples"))) {
            files = found.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
        }
        assertFalse(files.isEmpty());
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            for (Path file : files) {
                installation.kubectl("apply", "-n", clusters.namespace(), "--dry-run=server", "-f", file.toString());
            }
        }
    }

    @Test
    void anAppOfAnotherTeamIsAttachedAndGetsItsCredentials(Installation installation) throws IOException {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            clusters.apply(Files.readString(Shell.repository().resolve("examples/team-app.yaml")));
            clusters.awaitReady("platform", READY);
            installation.kubectl("wait", "reverbapp/invoices", "-n", clusters.namespace(), "--for=condition=Ready",
                    "--timeout=60s");
            assertTrue(clusters.secret("invoices-reverb").containsKey("REVERB_APP_SECRET"));
        }
    }

    @Test
    void theProductionExampleRuns(Installation installation) throws IOException {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            clusters.apply(Files.readString(Shell.repository().resolve("examples/production.yaml")));
            clusters.awaitReady("production", READY);
            assertTrue(clusters.secret("production-shop").containsKey("REVERB_APP_KEY"));
            assertTrue(clusters.secret("production-admin").containsKey("REVERB_APP_KEY"));
        }
    }
}
