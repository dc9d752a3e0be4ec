package dev.reverb.server.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.cluster.Scales;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.CutProxy;
import dev.reverb.testkit.redis.RedisProcess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What nodes announce of their connections, and what becomes of it when the node, its link or Redis's memory is lost.
 */
@Tag("slow")
final class LoadTest extends Faults {

    private static final String CONNECTIONS = "test:{nodes}:connections";

    private RedisCluster node(String address, Scales scales, int connections) {
        scales.has(connections);
        return track(Configs.connected(Configs.single(address), new RecordingEvents(), scales));
    }

    @Test
    void theCountOfADeadNodeGoesWithItsLeaseAndItsReturnIsNoJoin() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        CutProxy proxy = track(new CutProxy(redis.port()));
        Scales stays = new Scales();
        Scales dies = new Scales();
        node(redis.address(), stays, 5);
        RedisCluster dying = node(proxy.address(), dies, 900);
        stays.awaitLoad(2, 905, 5);
        dies.awaitLoad(2, 905, 5);
        long joined = stays.load().joined();
        long from = System.nanoTime();
        proxy.cut();
        stays.awaitLoad(1, 5, 5);
        assertTrue(System.nanoTime() - from > 500_000_000L, "not before the lease has ended");
        Await.until(LONG, () -> "the loss is not told", () -> dies.losses() == 1);
        // and so is the last trace of it
        Await.until(LONG, () -> redis.command("HGETALL", CONNECTIONS),
                () -> redis.command("HLEN", CONNECTIONS).startsWith(":1"));

        proxy.mend();
        stays.awaitLoad(2, 905, 5);
        dies.awaitLoad(2, 905, 5);
        assertEquals(1, dying.statistics().lapsed());
        assertEquals(joined, stays.load().joined(), "joined though it had only been away");
    }

    @Test
    void whatRedisLosesIsToldAgainAndNobodyJoins() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        Scales a = new Scales();
        Scales b = new Scales();
        node(redis.address(), a, 3);
        node(redis.address(), b, 4);
        a.awaitLoad(2, 7, 3);
        assertEquals(2, a.load().joined());
        redis.kill();
        Await.until(LONG, () -> "no loss", () -> a.losses() == 1 && b.losses() == 1);
        redis.start();
        Await.until(LONG, () -> a.load() + "", () -> a.load().joined() == 0 && a.load().nodes() == 2);
        a.awaitLoad(2, 7, 3);
        b.awaitLoad(2, 7, 3);
        assertEquals(0, b.load().joined());
    }

    @Test
    void whatNobodyWithALeaseToldCountsForNothing() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        redis.command("HSET", CONNECTIONS, "0123456789abcdef.1", "1000");
        Scales scales = new Scales();
        node(redis.address(), scales, 3);
        scales.awaitLoad(1, 3, 3);
        assertTrue(redis.command("HLEN", CONNECTIONS).startsWith(":1"));
    }

    @Test
    void everyNodeHearsHowManyMoveConnections() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        Scales a = new Scales();
        Scales b = new Scales();
        node(redis.address(), a, 40);
        node(redis.address(), b, 10);
        b.moves(true);
        awaitMoving(a, 1);
        a.awaitLoad(2, 50, 10);
        a.moves(true);
        awaitMoving(b, 2);
        b.takesNone();
        awaitMoving(a, 1);
        a.moves(false);
        awaitMoving(b, 0);
    }

    private static void awaitMoving(Scales scales, int nodes) {
        Await.until(LONG, () -> scales.load() + "", () -> scales.load().moving() == nodes);
    }

    @Test
    void whoJoinsIsCountedForGood() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        Scales a = new Scales();
        node(redis.address(), a, 0);
        a.awaitLoad(1, 0, 0);
        assertEquals(1, a.load().joined());
        RedisCluster b = node(redis.address(), new Scales(), 0);
        a.awaitLoad(2, 0, 0);
        assertEquals(2, a.load().joined());
        b.close();
        a.awaitLoad(1, 0, 0);
        assertEquals(2, a.load().joined());
        node(redis.address(), new Scales(), 0);
        a.awaitLoad(2, 0, 0);
        assertEquals(3, a.load().joined());
    }
}
