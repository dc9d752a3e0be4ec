package dev.reverb.server.cluster.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.redis.LinkFault;
import dev.reverb.server.cluster.redis.SixNodes;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.CutProxy;
import dev.reverb.testkit.redis.RedisProcess;
import dev.reverb.testkit.redis.Sentinels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every client that stays connected gets every acknowledged message, once, in order, whatever fails meanwhile. */
@Tag("slow")
final class MessagesTest {

    private static final Logger log = LoggerFactory.getLogger(MessagesTest.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration IN_VAIN = Duration.ofSeconds(6);

    @TempDir
    Path folder;

    private static Map<String, String> settings(String... pairs) {
        Map<String, String> settings = new HashMap<>(Map.of("REVERB_DRAIN_DURATION", "3s"));
        for (int i = 0; i < pairs.length; i += 2) {
            settings.put(pairs[i], pairs[i + 1]);
        }
        return settings;
    }

    private static Map<String, String> over(CutProxy link, String lease) {
        return settings("REDIS_PORT", "" + link.port(), "REVERB_SCALING_LEASE", lease);
    }

    private static void perfect(MessagesRun run) {
        run.stop();
        Verdict verdict = run.verdict(PATIENCE);
        log.info("{}; {}", verdict, run.summary());
        assertTrue(verdict.perfect(), () -> verdict + "; " + run.summary() + run.evidence());
    }

    private static void imperfect(MessagesRun run) {
        run.stop();
        Verdict verdict = run.verdict(IN_VAIN);
        log.info("{}; {}", verdict, run.summary());
        assertFalse(verdict.perfect(), () -> "nothing is missing: " + verdict + "; " + run.summary());
    }

    @Test
    void nothingIsLostOverCutLinksAKilledRedisADrainAndADeadServer() throws Exception {
        storm(Duration.ofSeconds(10), Duration.ofSeconds(2), 40, 200, 60, "3s");
    }

    @Test
    @Tag("long")
    void nothingIsLostInFiveMinutesOfThat() throws Exception {
        storm(Duration.ofMinutes(5), Duration.ofSeconds(20), 300, 500, 200, "6s");
    }

    private void storm(Duration length, Duration longestCut, int clients, int perSecond, int channels, String lease)
            throws Exception {
        List<CutProxy> links = new ArrayList<>();
        try (RedisProcess redis = RedisProcess.server("--appendonly", "yes");
                MessagesRun run = new MessagesRun(folder, channels)) {
            for (int i = 0; i < 3; i++) {
                links.add(new CutProxy(redis.port()));
            }
            ServerNode stays = run.start(over(links.get(0), lease));
            ServerNode drained = run.start(over(links.get(1), lease));
            ServerNode killed = run.start(over(links.get(2), lease));
            for (ServerNode node : List.of(stays, drained, killed)) {
                run.populate(node, clients);
            }
            run.publish(perSecond);
            int all = (int) (length.toSeconds() * perSecond);
            try (Cutter cutter = new Cutter(links, longestCut, 7)) {
                run.progress(all / 4);
                redis.kill();
                run.progress(Math.min(all / 10, 8 * perSecond));
                redis.start();
                run.progress(all / 5);
                cutter.spare(links.get(1));
                run.drain(drained);
                ServerNode successor = run.start(over(links.get(1), lease));
                run.populate(successor, 0);
                cutter.resume(links.get(1));
                run.progress(all / 5);
                cutter.spare(links.get(2));
                run.kill(killed);
                run.progress(all / 4);
                assertTrue(cutter.cuts() > 2, cutter.cuts() + " cuts");
                assertTrue(successor.alive());
            }
            perfect(run);
            assertTrue(run.connected(stays) >= clients, "clients were dropped by a server that stayed");
            assertEquals(3L * clients, run.connected());
            assertTrue(run.meter("reverb_scaling_recovered_total") > 0, "nothing had to be recovered");
        } finally {
            for (CutProxy link : links) {
                link.close();
            }
        }
    }

    @Test
    @Tag("long")
    void withRecoverySwitchedOffTheSameCheckFails() throws Exception {
        try (RedisProcess redis = RedisProcess.server();
                CutProxy link = new CutProxy(redis.port());
                MessagesRun run = new MessagesRun(folder, 60)) {
            ServerNode one = run.start(settings("REDIS_PORT", "" + redis.port()), LinkFault.NO_RECOVERY);
            ServerNode other = run.start(settings("REDIS_PORT", "" + link.port()), LinkFault.NO_RECOVERY);
            run.populate(one, 40);
            run.populate(other, 40);
            run.publish(200);
            run.progress(300);
            link.cut();
            run.progress(400);
            link.mend();
            run.progress(400);
            imperfect(run);
        }
    }

    @Test
    @Tag("long")
    void nothingIsLostOverAFailOverOfSentinelThatLostWrites() throws Exception {
        try (Sentinels redis = Sentinels.start(); MessagesRun run = new MessagesRun(folder, 100)) {
            failOver(redis, run, LinkFault.NONE);
            perfect(run);
            assertTrue(run.meter("reverb_scaling_replayed_total") > 0, "the fail-over lost nothing");
        }
    }

    @Test
    @Tag("long")
    void withReplaySwitchedOffTheSameCheckFails() throws Exception {
        try (Sentinels redis = Sentinels.start(); MessagesRun run = new MessagesRun(folder, 100)) {
            failOver(redis, run, LinkFault.NO_REPLAY);
            imperfect(run);
        }
    }

    /** One server is frozen while messages are written that the fail-over then loses. */
    private static void failOver(Sentinels redis, MessagesRun run, LinkFault fault) throws Exception {
        Map<String, String> settings = settings("REDIS_SENTINEL_NODES", String.join(",", redis.addresses()),
                "REDIS_SENTINEL_MASTER", "main");
        ServerNode one = run.start(settings, fault);
        ServerNode other = run.start(settings, fault);
        ServerNode frozen = run.start(settings, fault);
        for (ServerNode node : List.of(one, other, frozen)) {
            run.populate(node, 100);
        }
        run.publish(300);
        run.progress(900);
        run.leaving(frozen);
        frozen.awaitWritten();
        frozen.signal("STOP");
        // or its socket would take what it does not read; the others come back at once
        redis.primary().command("CLIENT", "KILL", "TYPE", "pubsub");
        for (ServerNode node : List.of(one, other)) {
            Await.until(PATIENCE, () -> "its link stayed", () -> node.meter("reverb_scaling_outages_total") > 0);
            node.awaitWritten();
        }
        redis.cutReplication();
        run.progress(600);
        one.awaitWritten();
        other.awaitWritten();
        redis.failOver();
        run.progress(300);
        frozen.signal("CONT");
        run.progress(1500);
    }

    @Test
    @Tag("long")
    void nothingIsLostOverMovedSlotsAndADeadPrimaryOfACluster() throws Exception {
        try (SixNodes redis = SixNodes.start(); MessagesRun run = new MessagesRun(folder, 100)) {
            Map<String, String> settings = settings("REDIS_CLUSTER_NODES", String.join(",", redis.addresses()));
            for (ServerNode node : List.of(run.start(settings), run.start(settings), run.start(settings))) {
                run.populate(node, 100);
            }
            run.publish(300);
            run.progress(900);
            for (int partition = 0; partition < 8; partition++) {
                redis.moveSlotOf(("{" + partition + "}").getBytes(java.nio.charset.StandardCharsets.UTF_8));
                run.progress(50);
            }
            String before = redis.primaries();
            redis.killAPrimary();
            Await.until(PATIENCE, () -> "no fail-over", () -> !redis.primaries().equals(before) && redis.ok());
            run.progress(1500);
            perfect(run);
            assertEquals(300, run.connected());
        }
    }
}
