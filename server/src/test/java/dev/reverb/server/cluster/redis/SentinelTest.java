package dev.reverb.server.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.config.ScalingConfig;
import dev.reverb.server.config.ScalingConfig.Topology;
import dev.reverb.server.config.ScalingConfig.WhenDown;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.CutProxy;
import dev.reverb.testkit.redis.Sentinels;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Three Sentinels, a primary and two replicas, of which the primary dies with writes that no replica has. */
@Tag("long")
final class SentinelTest extends Faults {

    private Sentinels install() throws Exception {
        return track(Sentinels.start());
    }

    private static ScalingConfig config(Sentinels redis) {
        return Configs.of(Topology.SENTINEL, redis.addresses(), WhenDown.HOLD);
    }

    @Test
    void nothingIsLostOrDoubledOverAFailOverThatLostWrites() throws Exception {
        Sentinels redis = install();
        Fleet fleet = track(new Fleet(40, LinkFault.NONE, List.of(config(redis), config(redis), config(redis))));
        List<Publisher> publishers = publishers(fleet, 200);
        failOver(redis, publishers);
        stop(publishers);
        fleet.exact(publishers);
        assertTrue(fleet.nodes.stream().mapToLong(n -> n.statistics().replayed()).sum() > 0,
                "the fail-over lost nothing");
    }

    @Test
    void withReplaySwitchedOffSomebodyWhoWasCutOffOverTheFailOverMissesMessages() throws Exception {
        assertFalse(cutOffOverAFailOver(LinkFault.NO_REPLAY), "messages should be missing");
    }

    @Test
    void somebodyWhoWasCutOffOverTheFailOverMissesNothing() throws Exception {
        assertTrue(cutOffOverAFailOver(LinkFault.NONE));
    }

    /** One node receives nothing while messages are written that the fail-over then loses. */
    private boolean cutOffOverAFailOver(LinkFault fault) throws Exception {
        Sentinels redis = install();
        CutProxy sentinel = track(new CutProxy(redis.sentinels().getFirst().port()));
        ScalingConfig deaf = Configs.of(Topology.SENTINEL, List.of(sentinel.address()), WhenDown.HOLD);
        Fleet fleet = track(new Fleet(40, fault, List.of(config(redis), deaf)));
        Publisher publisher = track(new Publisher("p0", fleet.nodes.getFirst(), fleet.channels, 200));
        List<Publisher> publishers = List.of(publisher);
        progress(publishers, 60);
        sentinel.cut();
        redis.primary().command("CLIENT", "KILL", "TYPE", "pubsub");
        Await.until(LONG, () -> "still hears", () -> !fleet.nodes.getLast().linkUp());
        RedisCluster hears = fleet.nodes.getFirst();
        Await.until(LONG, () -> "not back", () -> hears.statistics().outages() > 0 && hears.linkUp());
        redis.cutReplication();
        progress(publishers, 100);
        int written = publisher.accepted();
        Await.until(LONG, () -> "not written", () -> fleet.nodes.getFirst().linkUp()
                && publisher.acknowledged() >= written && fleet.nodes.getFirst().statistics().heldBytes() < 10_000);
        redis.failOver();
        sentinel.mend();
        progress(publishers, 100);
        stop(publishers);
        return fleet.complete(Duration.ofSeconds(fault != LinkFault.NO_REPLAY ? 30 : 8), publishers);
    }

    private static void failOver(Sentinels redis, List<Publisher> publishers) {
        progress(publishers, 60);
        redis.cutReplication();
        progress(publishers, 100);
        redis.failOver();
        progress(publishers, 300);
    }
}
