package dev.reverb.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.e2e.cluster.Installation;
import dev.reverb.e2e.cluster.ReverbClusters;
import dev.reverb.e2e.live.Load;
import dev.reverb.e2e.live.Verdict;
import dev.reverb.testkit.Await;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Something that clients do not talk to goes away for a while: they notice nothing, and what was acknowledged arrives.
 */
@ExtendWith(InstalledOperator.class)
class OutageTest {

    private static final Duration READY = Duration.ofMinutes(2);
    private static final Duration OUTAGE = Duration.ofMinutes(1);

    @Test
    void theOperatorIsAway(Installation installation) {
        unnoticed(installation, clusters -> {
            installation.operators(0);
            Await.pass(Duration.ofSeconds(20));
            installation.operators(1);
            clusters.awaitSettled("calm", READY);
        });
    }

    @Test
    @NeedsOwnNode("an API server that may be stopped")
    void theApiServerIsAwayForAMinute(Installation installation) {
        unnoticed(installation, clusters -> {
            installation.kubernetes().apiServer(false);
            try {
                Await.pass(OUTAGE);
            } finally {
                installation.kubernetes().apiServer(true);
            }
            Await.until("the API server to be back", READY, () -> {
                try {
                    return clusters.cluster("calm").get() != null;
                } catch (RuntimeException e) {
                    return false;
                }
            }, () -> "no answer");
            clusters.applyCluster("calm", spec(3));
            Await.until("the operator to act again", READY, () -> clusters.servers("calm").size() == 3,
                    () -> "two servers");
            clusters.awaitSettled("calm", READY);
        });
    }

    @Test
    void redisIsKilled(Installation installation) {
        unnoticed(installation, clusters -> {
            String before = clusters.client()
                    .pods()
                    .inNamespace(clusters.namespace())
                    .withName("calm-redis-0")
                    .get()
                    .getMetadata()
                    .getUid();
            clusters.client()
                    .pods()
                    .inNamespace(clusters.namespace())
                    .withName("calm-redis-0")
                    .withGracePeriod(0)
                    .delete();
            Await.until("another Redis", READY, () -> {
                var pod = clusters.client().pods().inNamespace(clusters.namespace()).withName("calm-redis-0").get();
                return pod != null && !pod.getMetadata().getUid().equals(before) && Readiness.isPodReady(pod);
            }, () -> "none");
            Await.pass(Duration.ofSeconds(10));
        });
    }

    private interface Outage {
        void in(ReverbClusters clusters);
    }

    private static void unnoticed(Installation installation, Outage outage) {
        try (ReverbClusters clusters = new ReverbClusters(installation.client())) {
            clusters.applyCluster("calm", spec(2));
            clusters.awaitReady("calm", READY);
            try (Load load = Load.start(clusters.application("calm", "calm-app"), 100, 4, 20)) {
                outage.in(clusters);
                Verdict verdict = load.finish();
                System.out.println(verdict.summary());
                assertEquals(List.of(), verdict.objections(), verdict.summary());
                assertEquals(0, verdict.closes(), verdict.summary());
            }
        }
    }

    private static String spec(int replicas) {
        return "  replicas: " + replicas + "\n";
    }
}
