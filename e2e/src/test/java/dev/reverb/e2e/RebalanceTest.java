package dev.reverb.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.e2e.cluster.Installation;
import dev.reverb.e2e.cluster.ReverbClusters;
import dev.reverb.e2e.live.Load;
import dev.reverb.e2e.live.Verdict;
import dev.reverb.testkit.Await;
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
            clusters.awaitReached(NAME, READY);
            try (Load load = Load.start(clusters.application(NAME, NAME + "-app"), CLIENTS, 4, 20)) {
                clusters.applyCluster(NAME, SPEC.formatted(3, PACE));
                Await.until("three servers", READY, () -> clusters.servers(NAME).size() == 3,
                        () -> clusters.servers(NAME).size() + " servers");
                clusters.awaitSettled(NAME, READY);
                awaitDone(clusters, load);
                System.out.println("rebalanced: " + clusters.connections(NAME));
                // a third is its share; what comes back to the others by chance leaves it somewhat less
                assertTrue(clusters.connections(NAME).getLast() >= CLIENTS / 8, () -> said(clusters));
                assertTrue(clusters.connections(NAME).stream().allMatch(n -> n <= CLIENTS * 45 / 100),
                        () -> said(clusters));
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
        }, () -> moved[0] + " moved; " + clusters.connections(NAME) + " connections" + said(clusters));
    }

    private static int active(ReverbClusters clusters) {
        return sum(clusters, "reverb_rebalance_active");
    }

    private static int sum(ReverbClusters clusters, String meter) {
        return clusters.servers(NAME).stream().mapToInt(pod -> clusters.meter(pod, meter)).sum();
    }

    /** What the servers' logs say of it. */
    private static String said(ReverbClusters clusters) {
        return clusters.servers(NAME)
                .stream()
                .map(pod -> pod.getMetadata().getName())
                .map(name -> "\n" + name
                        + clusters.client()
                                .pods()
                                .inNamespace(clusters.namespace())
                                .withName(name)
                                .getLog()
                                .lines()
                                .filter(line -> !line.contains("listens"))
                                .map(line -> "\n  " + line)
                                .collect(Collectors.joining()))
                .collect(Collectors.joining());
    }
}
