package dev.reverb.server.cluster.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.CutProxy;
import dev.reverb.testkit.redis.RedisProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is a member is seen by everybody in the same way, and each coming and going once, whatever fails meanwhile. */
@Tag("slow")
final class PresenceTest {

    @TempDir
    Path folder;

    @Test
    void viewsEqualTheTruthOverCutLinksADeadServerAndAnOutageLongerThanALease() throws Exception {
        run(120, 5, 20, Duration.ofSeconds(2), Duration.ofSeconds(4));
    }

    @Test
    @Tag("long")
    void viewsOfTwoThousandMembersDoTheSame() throws Exception {
        run(2_000, 20, 40, Duration.ofSeconds(6), Duration.ofSeconds(40));
    }

    private void run(int members, int channels, int churn, Duration lease, Duration length) throws Exception {
        List<CutProxy> links = new ArrayList<>();
        try (RedisProcess redis = RedisProcess.server("--appendonly", "yes");
                PresenceRun run = new PresenceRun(channels)) {
            List<ServerNode> nodes = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                links.add(new CutProxy(redis.port()));
                ServerNode node = ServerNode.start(folder, Map.of("REDIS_PORT", "" + links.get(i).port(),
                        "REVERB_SCALING_LEASE", lease.toMillis() + "ms"));
                nodes.add(node);
                run.add(node);
            }
            nodes.forEach(ServerNode::awaitReached);
            run.join(members);
            run.settle(Duration.ofSeconds(60));

            // a heartbeat comes every third of a lease: a cut of half a lease never takes it
            try (Cutter cutter = new Cutter(links, lease.dividedBy(2), 5)) {
                run.churn(churn, length);
                assertTrue(cutter.cuts() > 1, cutter.cuts() + " cuts");
            }
            run.settle(Duration.ofSeconds(60));
            run.check();

            int before = run.members();
            run.kill(nodes.getLast());
            assertTrue(run.members() < before);
            run.settle(Duration.ofSeconds(10));
            run.check();

            int removals = run.removals();
            redis.kill();
            long down = System.nanoTime();
            Await.until(Duration.ofMinutes(1), () -> "",
                    () -> System.nanoTime() - down > lease.multipliedBy(2).toNanos());
            for (ServerNode node : nodes.subList(0, 2)) {
                assertEquals(200, node.status("/livez"));
                assertEquals(0.0, node.meter("reverb_redis_connected"));
            }
            redis.start();
            long up = System.nanoTime();
            Await.until(Duration.ofMinutes(1), () -> "",
                    () -> System.nanoTime() - up > lease.multipliedBy(3).toNanos());
            assertEquals(removals, run.removals(), "somebody left in the outage or after it");
            run.churn(churn, lease);
            run.settle(Duration.ofSeconds(60));
            run.check();
            run.checkQueries();
        } finally {
            for (CutProxy link : links) {
                link.close();
            }
        }
    }
}
