package dev.reverb.server.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.Await;
import dev.reverb.server.config.ScalingConfig;
import dev.reverb.server.config.ScalingConfig.Topology;
import dev.reverb.server.config.ScalingConfig.WhenDown;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Three Sentinels, a primary and two replicas, of which the primary dies with writes that no replica has. */
@Tag("long")
final class SentinelTest extends Faults {

    /** Replicas follow the primary through a proxy, so that a test can keep writes from them. */
    private record Installation(RedisProcess primary, CutProxy replication, List<RedisProcess> sentinels) {

        ScalingConfig config() {
            return Configs.of(Topology.SENTINEL, sentinels.stream().map(RedisProcess::address).toList(), WhenDown.HOLD);
        }

        String master() {
            for (RedisProcess sentinel : sentinels) {
                String answer = sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main");
                String[] lines = answer.split("\r\n");
                if (lines.length >= 5) {
                    return lines[4];
                }
            }
            return "";
        }
    }

    private Installation install() throws Exception {
        RedisProcess primary = track(RedisProcess.server("--repl-diskless-sync-delay", "0"));
        CutProxy replication = track(new CutProxy(primary.port()));
        List<RedisProcess> replicas = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            replicas.add(track(RedisProcess.server("--replicaof", "127.0.0.1", "" + replication.port())));
        }
        for (RedisProcess replica : replicas) {
            Await.until(LONG, () -> "not in sync",
                    () -> replica.command("INFO", "replication").contains("master_link_status:up"));
        }
        List<RedisProcess> sentinels = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            sentinels.add(track(RedisProcess.sentinel(primary.port(), 2)));
        }
        for (RedisProcess sentinel : sentinels) {
            Await.until(LONG, () -> "Sentinels do not see each other", () -> {
                String info = sentinel.command("INFO", "sentinel");
                return info.contains("slaves=2") && info.contains("sentinels=3");
            });
        }
        return new Installation(primary, replication, sentinels);
    }

    @Test
    void nothingIsLostOrDoubledOverAFailOverThatLostWrites() throws Exception {
        Installation redis = install();
        Fleet fleet = track(new Fleet(40, Switches.ON, List.of(redis.config(), redis.config(), redis.config())));
        List<Publisher> publishers = publishers(fleet, 200);
        failOver(redis, publishers);
        stop(publishers);
        fleet.exact(publishers);
        assertTrue(fleet.nodes.stream().mapToLong(n -> n.statistics().replayed()).sum() > 0,
                "the fail-over lost nothing");
    }

    @Test
    void withReplaySwitchedOffSomebodyWhoWasCutOffOverTheFailOverMissesMessages() throws Exception {
        assertFalse(cutOffOverAFailOver(new Switches(true, false, true)), "messages should be missing");
    }

    @Test
    void somebodyWhoWasCutOffOverTheFailOverMissesNothing() throws Exception {
        assertTrue(cutOffOverAFailOver(Switches.ON));
    }

    /** One node hears nothing while messages are written that the fail-over then loses. */
    private boolean cutOffOverAFailOver(Switches switches) throws Exception {
        Installation redis = install();
        CutProxy sentinel = track(new CutProxy(redis.sentinels().getFirst().port()));
        ScalingConfig deaf = Configs.of(Topology.SENTINEL, List.of(sentinel.address()), WhenDown.HOLD);
        Fleet fleet = track(new Fleet(40, switches, List.of(redis.config(), deaf)));
        Publisher publisher = track(new Publisher("p0", fleet.nodes.getFirst(), fleet.channels, 200));
        List<Publisher> publishers = List.of(publisher);
        progress(publishers, 60);
        sentinel.cut();
        redis.primary().command("CLIENT", "KILL", "TYPE", "pubsub");
        Await.until(LONG, () -> "still hears", () -> !fleet.nodes.getLast().linkUp());
        redis.replication().cut();
        progress(publishers, 100);
        int written = publisher.accepted();
        Await.until(LONG, () -> "not written", () -> fleet.nodes.getFirst().linkUp()
                && publisher.acknowledged() >= written && fleet.nodes.getFirst().statistics().heldBytes() < 10_000);
        redis.primary().kill();
        awaitNewPrimary(redis);
        sentinel.mend();
        progress(publishers, 100);
        stop(publishers);
        return fleet.complete(Duration.ofSeconds(switches.replay() ? 30 : 8), publishers);
    }

    private static void awaitNewPrimary(Installation redis) {
        String old = "" + redis.primary().port();
        Await.until(LONG, () -> "no fail-over", () -> !redis.master().equals(old) && !redis.master().isEmpty());
    }

    private static void failOver(Installation redis, List<Publisher> publishers) {
        progress(publishers, 60);
        redis.replication().cut();
        progress(publishers, 100);
        redis.primary().kill();
        awaitNewPrimary(redis);
        progress(publishers, 300);
    }
}
