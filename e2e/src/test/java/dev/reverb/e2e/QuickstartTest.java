package dev.reverb.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.e2e.cluster.Installation;
import dev.reverb.e2e.cluster.ReverbClusters;
import dev.reverb.e2e.cluster.Shell;
import dev.reverb.e2e.live.Application;
import dev.reverb.e2e.live.Load;
import dev.reverb.e2e.live.Verdict;
import dev.reverb.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(InstalledOperator.class)
class QuickstartTest {

    private static final Duration READY = Duration.ofSeconds(60);

    @Test
    void anEmptySpecIsReadyWithinAMinuteAndServesClientsThroughItsService(Installation installation)
            throws IOException {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            clusters.apply(Files.readString(Shell.repository().resolve("examples/quickstart.yaml")));
            Duration took = clusters.awaitReady("chat", READY);
            System.out.println("quickstart Ready after " + took.toMillis() + " ms");
            assertTrue(took.compareTo(READY) < 0, () -> "Ready after " + took);

            Application app = clusters.application("chat", "chat-app");
            assertEquals("app", app.id());
            assertEquals(2, clusters.servers("chat").size());
            try (Load load = Load.start(app, 40, 4, 20)) {
                Await.pass(Duration.ofSeconds(5));
                Verdict verdict = load.finish();
                assertEquals(List.of(), verdict.objections());
                assertEquals(0, verdict.closes());
                System.out.println("quickstart: " + verdict.summary());
            }
        }
    }

    @Test
    void pusherJsConnectsWithTheGeneratedCredentials(Installation installation) {
        Shell.run(Map.of(), List.of("npm", "ci", "--silent", "--no-audit", "--no-fund", "--prefix", "e2e/pusher-js"));
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            clusters.applyCluster("chat", "");
            clusters.awaitReady("chat", READY);
            Application app = clusters.application("chat", "chat-app");
            String said = Shell.run(Map.of("APP_URL", app.base().toString(), "APP_ID", app.id(), "APP_KEY", app.key(),
                    "APP_SECRET", app.secret()), List.of("node", "e2e/pusher-js/connect.mjs"));
            assertTrue(said.contains("received {\"n\":1}"), said);
        }
    }
}
