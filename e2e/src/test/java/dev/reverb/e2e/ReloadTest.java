package dev.reverb.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.e2e.cluster.Installation;
import dev.reverb.e2e.cluster.ReverbClusters;
import dev.reverb.e2e.live.Application;
import dev.reverb.e2e.live.Load;
import dev.reverb.e2e.live.Verdict;
import dev.reverb.testkit.Await;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What changes about applications is live on every server within seconds: no server restarts, no client is dropped. */
@ExtendWith(InstalledOperator.class)
class ReloadTest {

    private static final Duration READY = Duration.ofMinutes(2);
    private static final Duration LIVE = Duration.ofSeconds(10);

    @Test
    void aRotatedSecretIsLiveOnAllServers(Installation installation) {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            clusters.applyCluster("apps", "  replicas: 3\n");
            clusters.awaitReady("apps", READY);
            Application before = clusters.application("apps", "apps-app");
            Application after = new Application(before.base(), before.id(), before.key(), "rotated-" + before.secret());
            undisturbed(clusters, before, load -> {
                clusters.client()
                        .secrets()
                        .inNamespace(clusters.namespace())
                        .withName("apps-app")
                        .edit(secret -> new SecretBuilder(secret)
                                .withStringData(Map.of("REVERB_APP_SECRET", after.secret()))
                                .build());
                awaitAnswer(clusters, after, 200);
                load.publisher().use(after);
            });
        }
    }

    @Test
    void anAddedAppIsLiveOnAllServers(Installation installation) {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            clusters.applyCluster("apps", "  replicas: 3\n  apps: [{id: first}]\n");
            clusters.awaitReady("apps", READY);
            undisturbed(clusters, clusters.application("apps", "apps-first"), _ -> {
                long start = System.nanoTime();
                clusters.applyCluster("apps", "  replicas: 3\n  apps: [{id: first}, {id: second}]\n");
                Await.until("the Secret of the second app", LIVE,
                        () -> clusters.client()
                                .secrets()
                                .inNamespace(clusters.namespace())
                                .withName("apps-second")
                                .get() != null,
                        () -> "none");
                awaitAnswer(clusters, clusters.application("apps", "apps-second"), 200);
                System.out.println(
                        "added app live after " + Duration.ofNanos(System.nanoTime() - start).toMillis() + " ms");
            });
        }
    }

    private interface Change {
        void under(Load load);
    }

    private static void undisturbed(ReverbClusters clusters, Application app, Change change) {
        List<String> before = identities(clusters);
        try (Load load = Load.start(app, 90, 3, 10)) {
            change.under(load);
            Verdict verdict = load.finish();
            assertEquals(0, verdict.closes(), verdict.summary());
            assertEquals(List.of(), verdict.abnormalCloses(), verdict.summary());
            assertEquals(List.of(), verdict.otherCloses(), verdict.summary());
            assertEquals(List.of(), verdict.faults(), verdict.summary());
        }
        assertEquals(before, identities(clusters));
    }

    /** Asks every server itself, not the Service, which might hide a slow one. */
    private static void awaitAnswer(ReverbClusters clusters, Application app, int expected) {
        for (Pod pod : clusters.servers("apps")) {
            Application there = new Application(URI.create("http://" + pod.getStatus().getPodIP() + ":8080"), app.id(),
                    app.key(), app.secret());
            Await.until(pod.getMetadata().getName() + " to answer " + expected, LIVE, () -> status(there) == expected,
                    () -> Integer.toString(status(there)));
        }
    }

    private static int status(Application app) {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http
                    .send(HttpRequest.newBuilder(app.api("GET", "/channels", "")).build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException e) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    /** Which pods there are and how often their containers have started. */
    private static List<String> identities(ReverbClusters clusters) {
        return clusters.servers("apps")
                .stream()
                .map(pod -> pod.getMetadata().getUid() + " restarts "
                        + pod.getStatus().getContainerStatuses().getFirst().getRestartCount())
                .toList();
    }
}
