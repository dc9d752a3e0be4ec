package dev.reverb.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.e2e.cluster.Installation;
import dev.reverb.e2e.cluster.ReverbClusters;
import dev.reverb.e2e.live.Application;
import dev.reverb.e2e.live.Load;
import dev.reverb.e2e.live.Verdict;
import dev.reverb.testkit.Await;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a server's pod takes of its node, and where it serves what. */
@ExtendWith(InstalledOperator.class)
class ServerPodTest {
    private static final Duration READY = Duration.ofMinutes(2);

    @Test
    void threeHundredClientsLeaveItBelowTheMemoryThatItAsksFor(Installation installation) {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            clusters.applyCluster("one", "  replicas: 1\n");
            clusters.awaitSettled("one", READY);
            clusters.awaitReached("one", READY);
            Pod server = clusters.servers("one").getFirst();
            long asked = Quantity
                    .getAmountInBytes(
                            server.getSpec().getContainers().getFirst().getResources().getRequests().get("memory"))
                    .longValue();
            String log = clusters.client()
                    .pods()
                    .inNamespace(clusters.namespace())
                    .withName(server.getMetadata().getName())
                    .getLog();
            assertFalse(log.contains("[aot]"), log); // what the JVM says of a cache that it does not take
            long begun = clusters.memory(server);
            try (Load load = Load.start(clusters.application("one", "one-app"), 300, 4, 50)) {
                Await.pass(Duration.ofSeconds(20));
                long taken = clusters.memory(server);
                System.out.printf("memory of a server: %d MiB without clients, %d MiB with 300, asked for %d MiB%n",
                        begun >> 20, taken >> 20, asked >> 20);
                // a collection between the two may leave less than there was at first
                assertTrue(begun > 0 && taken > 0 && taken < asked, begun + ", " + taken + " of " + asked + " bytes");
                Verdict verdict = load.finish();
                assertEquals(List.of(), verdict.objections(), verdict.summary());
            }
        }
    }

    @Test
    void theInnerServiceTakesPublicationsAndTheEdgeDoesNot(Installation installation)
            throws IOException, InterruptedException {
        try (ReverbClusters clusters = new ReverbClusters(installation.client());
                HttpClient http = HttpClient.newHttpClient()) {
            clusters.applyCluster("apart", "  replicas: 1\n  api: {}\n  ingress: {host: ws.example.com}\n");
            clusters.awaitSettled("apart", READY);
            clusters.awaitReached("apart", READY);
            assertEquals("apart-api." + clusters.namespace() + ".svc:8080",
                    clusters.secret("apart-app").get("REVERB_HOST") + ":"
                            + clusters.secret("apart-app").get("REVERB_PORT"));
            assertEquals("/app apart http",
                    installation.kubectl("get", "ingress", "apart", "-n", clusters.namespace(), "-o",
                            "jsonpath={range .spec.rules[*].http.paths[*]}{.path} {.backend.service.name} "
                                    + "{.backend.service.port.name}{end}"));
            Application edge = clusters.application("apart", "apart-app");
            Application inner = clusters.application("apart-api", "apart-app");
            try (Load load = Load.start(edge, inner, 20, 4, 20)) {
                Await.pass(Duration.ofSeconds(3));
                String body = "{\"name\":\"e\",\"channel\":\"e2e-0\",\"data\":\"{}\"}";
                assertEquals(404,
                        http.send(HttpRequest.newBuilder(edge.api("POST", "/events", body))
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(), HttpResponse.BodyHandlers.discarding()).statusCode());
                Verdict verdict = load.finish();
                assertEquals(List.of(), verdict.objections(), verdict.summary());
            }
        }
    }
}
