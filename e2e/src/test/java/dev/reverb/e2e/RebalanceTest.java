package dev.reverb.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.e2e.cluster.Await;
import dev.reverb.e2e.cluster.Installation;
import dev.reverb.e2e.cluster.ReverbClusters;
import dev.reverb.e2e.live.Load;
import dev.reverb.e2e.live.Verdict;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Scaling up 2 → 3: the third server gets clients of the others, who move at the pace and miss nothing that is due. */
@ExtendWith(InstalledOperator.class)
class RebalanceTest {

    private static final String NAME = "even";
    private static final String SPEC = "  replicas: %d\n  rebalance: {closesPerSecond: %d}\n";
    private static final int CLIENTS = 300;
    private static final int PACE = 10;
    private static final Duration READY = Duration.ofMinutes(2);
    /** Twice what servers wait between two rounds: three heartbeats, a lease of 6 s. */
    private static final Duration QUIET = Duration.ofSeconds(12);

    @Test
    void aThirdServerGetsItsShare(Installation installation) {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            clusters.applyCluster(NAME, SPEC.formatted(2, PACE));
            clusters.awaitSettled(NAME, READY);
            try (Load load = Load.start(clusters.application(NAME, NAME + "-app"), CLIENTS, 4, 20)) {
                clusters.applyCluster(NAME, SPEC.formatted(3, PACE));
                Await.until("three servers", READY, () -> clusters.servers(NAME).size() == 3,
                        () -> clusters.servers(NAME).size() + " servers");
                clusters.awaitSettled(NAME, READY);
                awaitDone(clusters, load);
                System.out.println("rebalanced: " + connections(clusters));
                // a third is its share; what comes back to the others by chance leaves it somewhat less
                assertTrue(connections(clusters).getLast() >= CLIENTS / 8, () -> said(clusters));
                assertTrue(connections(clusters).stream().allMatch(n -> n <= CLIENTS * 45 / 100), () -> said(clusters));
                Verdict verdict = load.finish();
                System.out.println("rebalanced: " + verdict.summary());
                assertEquals(List.of(), verdict.objections(), verdict.summary());
                assertEquals(sum(clusters, "reverb_rebalance_moved_total"), verdict.closes());
                // two servers close, over the densest three seconds, of which a client may see one second late
                assertTrue(verdict.closesPerSecond() <= 2 * PACE * 4 / 3.0, verdict.summary());
            }
        }
    }

    /** Waits until clients have moved, and none has for longer than servers wait between two rounds. */
    private static void awaitDone(ReverbClusters clusters, Load load) {
        int[] moved = {0};
        long[] since = {System.nanoTime()};
        Await.until("clients to have moved", READY, () -> {
            int now = sum(clusters, "reverb_rebalance_moved_total");
            if (now != moved[0] || active(clusters) > 0 || load.fleet().subscribed() < CLIENTS) {
                moved[0] = now;
                since[0] = System.nanoTime();
            }
            return now > 0 && System.nanoTime() - since[0] > QUIET.toNanos();
        }, () -> moved[0] + " moved; " + connections(clusters) + " connections" + said(clusters));
    }

    private static int active(ReverbClusters clusters) {
        return sum(clusters, "reverb_rebalance_active");
    }

    private static int sum(ReverbClusters clusters, String meter) {
        return clusters.servers(NAME).stream().mapToInt(pod -> meter(clusters, pod, meter)).sum();
    }

    /** What the servers' logs tell of it. */
    private static String said(ReverbClusters clusters) {
        return clusters.servers(NAME).stream().map(pod -> pod.getMetadata().getName()).map(
                name -> "\n" + name + clusters.client().pods().inNamespace(clusters.namespace()).withName(
                        name).getLog().lines().filter(line -> !line.contains("listens")).map(
                                line -> "\n  " + line).collect(Collectors.joining())).collect(Collectors.joining());
    }

    /** Of each server, in the order of their names. */
    private static List<Integer> connections(ReverbClusters clusters) {
        return clusters.servers(NAME).stream().map(pod -> meter(clusters, pod, "reverb_connections")).toList();
    }

    /** A meter's values over all its tags, read through the API server. */
    private static int meter(ReverbClusters clusters, Pod pod, String name) {
        String page = String.valueOf(clusters.client().raw("/api/v1/namespaces/" + clusters.namespace() + "/pods/"
                + pod.getMetadata().getName() + ":8081/proxy/metrics"));
        return page.lines().filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{")).mapToInt(
                line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }
}
