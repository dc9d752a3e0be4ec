package dev.reverb.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.e2e.cluster.Installation;
import dev.reverb.e2e.cluster.ReverbClusters;
import dev.reverb.e2e.live.Load;
import dev.reverb.e2e.live.Verdict;
import dev.reverb.testkit.Await;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Servers come and go under 300 live clients and a steady publisher, and nobody notices more than a reconnect. */
@ExtendWith(InstalledOperator.class)
class RollTest {

    private static final String NAME = "live";
    private static final int CLIENTS = 300;
    private static final int CHANNELS = 6;
    private static final int PUBLISHES = 20;
    /** So that the third of all clients that one server has would be far beyond it, closed all at once. */
    private static final int PACE = 15;
    /** Of the pace, for clocks and moments in which this machine stalls. */
    private static final double TOLERANCE = 1.4;
    private static final Duration READY = Duration.ofMinutes(2);
    private static final Duration ROLLED = Duration.ofMinutes(6);

    @Test
    void aRollOfThreeServersLosesNothing(Installation installation) {
        orderly(installation, 3, clusters -> {
            Set<String> before = uids(clusters);
            clusters.applyCluster(NAME, spec(3, "second"));
            awaitRolled(clusters, before, 3);
        }, CLIENTS);
    }

    @Test
    void aScaleDownLosesNothing(Installation installation) {
        orderly(installation, 3, clusters -> {
            clusters.applyCluster(NAME, spec(2, "first"));
            Await.until("two servers", ROLLED, () -> clusters.servers(NAME).size() == 2,
                    () -> names(clusters).toString());
            clusters.awaitSettled(NAME, ROLLED);
        }, CLIENTS / 6);
    }

    @Test
    void anEvictionAsByKubectlDrainLosesNothing(Installation installation) {
        orderly(installation, 2, clusters -> {
            Pod evicted = clusters.servers(NAME).getFirst();
            assertTrue(clusters.client().pods().resource(evicted).evict(), "the eviction was refused");
            Await.until(evicted.getMetadata().getName() + " to be another pod", ROLLED,
                    () -> clusters.servers(NAME).size() == 2
                            && !uids(clusters).contains(evicted.getMetadata().getUid()),
                    () -> names(clusters).toString());
            clusters.awaitSettled(NAME, ROLLED);
        }, CLIENTS / 4);
    }

    @Test
    void aSecondEvictionIsRefusedWhileTheFirstIsUnderWay(Installation installation) {
        with(installation, 2, clusters -> {
            // a server that is not ready may always be evicted, so both have to be, and the budget has to know it
            Await.until("a budget of one of two healthy servers", READY,
                    () -> budget(installation, clusters).equals("2 healthy, 1 may go"),
                    () -> budget(installation, clusters));
            List<Pod> servers = clusters.servers(NAME);
            // the client would repeat a refusal until the first server is back, and then be allowed
            try (KubernetesClient once = new KubernetesClientBuilder().withConfig(
                    new ConfigBuilder(installation.client().getConfiguration()).withRequestRetryBackoffLimit(0).build())
                    .build()) {
                assertTrue(once.pods().resource(servers.getFirst()).evict());
                assertFalse(once.pods().resource(servers.getLast()).evict(),
                        () -> budget(installation, clusters) + "; " + names(clusters));
            }
        });
    }

    @Test
    void aRollOfASingleServerSurgesAndLosesNothing(Installation installation) {
        orderly(installation, 1, clusters -> {
            Set<String> before = uids(clusters);
            clusters.applyCluster(NAME, spec(1, "second"));
            awaitRolled(clusters, before, 1);
        }, CLIENTS);
    }

    @Test
    void aRollWhoseOperatorIsKilledMidwayLosesNothing(Installation installation) {
        orderly(installation, 3, clusters -> {
            Set<String> before = uids(clusters);
            clusters.applyCluster(NAME, spec(3, "second"));
            Await.until("the first server to be replaced", ROLLED,
                    () -> uids(clusters).stream().anyMatch(uid -> !before.contains(uid)),
                    () -> names(clusters).toString());
            installation.client()
                    .pods()
                    .inNamespace(Installation.NAMESPACE)
                    .withLabel("app.kubernetes.io/instance", Installation.RELEASE)
                    .withGracePeriod(0)
                    .delete();
            awaitRolled(clusters, before, 3);
        }, CLIENTS);
    }

    /** The judge has teeth: the same roll of servers that are killed instead of drained. */
    @Test
    void withoutTheDrainTheSameRollIsNotOrderly(Installation installation) {
        String spec = """
              replicas: 3
              drain: {endpointGrace: 0s, duration: 10m, closesPerSecond: 1}
              podTemplate: {spec: {terminationGracePeriodSeconds: 0}, metadata: {annotations: {e2e: %s}}}
            """;
        with(installation, spec.formatted("first"), clusters -> {
            Set<String> before = uids(clusters);
            Verdict verdict = under(clusters, () -> {
                clusters.applyCluster(NAME, spec.formatted("second"));
                awaitRolled(clusters, before, 3);
            });
            assertFalse(verdict.abnormalCloses().isEmpty(), verdict.summary());
            assertFalse(verdict.objections().isEmpty(), verdict.summary());
        });
    }

    /** … and of servers that close all connections in one moment. */
    @Test
    void withoutThePaceTheSameRollIsNotOrderly(Installation installation) {
        String spec = """
              replicas: 3
              drain: {endpointGrace: 5s, duration: 30s, closesPerSecond: 10000}
              podTemplate: {metadata: {annotations: {e2e: %s}}}
            """;
        with(installation, spec.formatted("first"), clusters -> {
            Set<String> before = uids(clusters);
            Verdict verdict = under(clusters, () -> {
                clusters.applyCluster(NAME, spec.formatted("second"));
                awaitRolled(clusters, before, 3);
            });
            assertFalse(paced(verdict), verdict.summary());
        });
    }

    /** … and with all servers replaced at once, as without the wait between them. */
    @Test
    void withoutTheWaitBetweenServersTheSameRollIsNotOrderly(Installation installation) {
        with(installation, 3, clusters -> {
            Verdict verdict = under(clusters, () -> {
                clusters.servers(NAME).forEach(pod -> clusters.client().pods().resource(pod).delete());
                Await.until("three servers", ROLLED, () -> clusters.servers(NAME).size() == 3,
                        () -> names(clusters).toString());
                clusters.awaitSettled(NAME, ROLLED);
            });
            assertFalse(verdict.objections().isEmpty(), verdict.summary());
            assertFalse(verdict.failedPublishes().isEmpty(), verdict.summary());
        });
    }

    private static String budget(Installation installation, ReverbClusters clusters) {
        return installation.kubectl("get", "poddisruptionbudget", NAME, "-n", clusters.namespace(), "-o",
                "jsonpath={.status.currentHealthy} healthy, {.status.disruptionsAllowed} may go");
    }

    private interface Hazard {
        void on(ReverbClusters clusters);
    }

    private static void with(Installation installation, int replicas, Hazard hazard) {
        with(installation, spec(replicas, "first"), hazard);
    }

    private static void with(Installation installation, String spec, Hazard hazard) {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            clusters.applyCluster(NAME, spec);
            clusters.awaitReady(NAME, READY);
            clusters.awaitReached(NAME, READY);
            hazard.on(clusters);
        }
    }

    private static void orderly(Installation installation, int replicas, Hazard hazard, int leastCloses) {
        with(installation, replicas, clusters -> {
            Verdict verdict = under(clusters, () -> hazard.on(clusters));
            assertEquals(List.of(), verdict.objections(), verdict.summary());
            assertTrue(verdict.closes() >= leastCloses, "too few closes for a proof: " + verdict.summary());
            assertTrue(paced(verdict), "the pace of " + PACE + "/s was not kept: " + verdict.summary());
        });
    }

    private static boolean paced(Verdict verdict) {
        return verdict.closesPerSecond() <= PACE * TOLERANCE;
    }

    private static Verdict under(ReverbClusters clusters, Runnable hazard) {
        try (Load load = Load.start(clusters.application(NAME, NAME + "-app"), CLIENTS, CHANNELS, PUBLISHES)) {
            long start = System.nanoTime();
            hazard.run();
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            Verdict verdict = load.finish();
            System.out.println("took " + took.toSeconds() + " s: " + verdict.summary());
            return verdict;
        }
    }

    private static void awaitRolled(ReverbClusters clusters, Set<String> before, int replicas) {
        Await.until(replicas + " new servers", ROLLED,
                () -> clusters.servers(NAME).size() == replicas && uids(clusters).stream().noneMatch(before::contains),
                () -> names(clusters).toString());
        clusters.awaitSettled(NAME, ROLLED);
    }

    private static Set<String> uids(ReverbClusters clusters) {
        return clusters.servers(NAME).stream().map(pod -> pod.getMetadata().getUid()).collect(Collectors.toSet());
    }

    private static List<String> names(ReverbClusters clusters) {
        return clusters.servers(NAME).stream().map(pod -> pod.getMetadata().getName()).toList();
    }

    private static String spec(int replicas, String revision) {
        return """
              replicas: %d
              drain: {endpointGrace: 5s, duration: 30s, closesPerSecond: %d}
              podTemplate: {metadata: {annotations: {e2e: %s}}}
            """.formatted(replicas, PACE, revision);
    }
}
