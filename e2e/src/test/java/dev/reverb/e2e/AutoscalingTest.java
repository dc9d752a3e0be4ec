package dev.reverb.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.e2e.cluster.Installation;
import dev.reverb.e2e.cluster.MetricsAdapter;
import dev.reverb.e2e.cluster.ReverbClusters;
import dev.reverb.e2e.live.Load;
import dev.reverb.e2e.live.Verdict;
import dev.reverb.testkit.Await;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Servers follow the connections: 2 → 4 → 2, with nothing lost and nobody fighting over the number. */
@ExtendWith(InstalledOperator.class)
class AutoscalingTest {

    private static final String NAME = "elastic";
    private static final int LAST = 40;
    private static final Duration READY = Duration.ofMinutes(2);
    private static final Duration SCALED = Duration.ofMinutes(4);

    @Test
    void theBuiltinAutoscalerFollowsTheConnections(Installation installation) {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            followsTheConnections(clusters, "builtin");
        }
    }

    @Test
    @NeedsOwnNode("a node whose API server reaches this process, for the metrics adapter")
    void anHpaOnTheConnectionsMetricFollowsThem(Installation installation) throws Exception {
        try (MetricsAdapter _ = MetricsAdapter.serve(installation.client());
                ReverbClusters clusters = new ReverbClusters(installation.client())) {
            followsTheConnections(clusters, "hpa");
        }
    }

    private static void followsTheConnections(ReverbClusters clusters, String provider) {
        clusters.applyCluster(NAME, """
              drain: {endpointGrace: 5s, duration: 5s}
              autoscaling: {provider: %s, minReplicas: 2, maxReplicas: 4, targetConnections: 50, scaleDownWindow: 15s}
            """.formatted(provider));
        clusters.awaitReady(NAME, READY);
        long generation = clusters.cluster(NAME).get().getMetadata().getGeneration();
        try (Load load = Load.start(clusters.application(NAME, NAME + "-app"), 190, 4, 20)) {
            awaitServers(clusters, 4);
            Await.until("all four to be ready", READY,
                    () -> clusters.servers(NAME).stream().filter(Readiness::isPodReady).count() == 4,
                    () -> String.valueOf(clusters.cluster(NAME).get().getAdditionalProperties().get("status")));
            clusters.awaitSettled(NAME, READY);
            // those who come now are on all four servers; only they stay
            clusters.awaitReached(NAME, READY);
            load.fleet().add(clusters.application(NAME, NAME + "-app"), LAST, List.of("e2e-0", "e2e-1"));
            load.fleet().shrink(LAST);
            Await.until("the last clients to be subscribed", READY, () -> load.fleet().subscribed() == LAST,
                    () -> load.fleet().subscribed() + " are");
            awaitServers(clusters, 2);
            clusters.awaitSettled(NAME, READY);
            Verdict verdict = load.finish();
            assertTrue(verdict.closes() > 0, "nobody was drained: " + verdict.summary());
            System.out.println(provider + ": " + verdict.summary());
            assertEquals(List.of(), verdict.objections(), verdict.summary());
        }
        if (provider.equals("builtin")) {
            assertEquals(generation, clusters.cluster(NAME).get().getMetadata().getGeneration(),
                    "the operator wrote into the spec");
        }
    }

    private static void awaitServers(ReverbClusters clusters, int number) {
        Duration took = Await.until(number + " servers", SCALED, () -> clusters.servers(NAME).size() == number,
                () -> clusters.servers(NAME).size() + " servers; "
                        + clusters.cluster(NAME).get().getAdditionalProperties().get("status"));
        System.out.println(number + " servers after " + took.toSeconds() + " s");
    }
}
