package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.budget.MemoryLimits;
import dev.reverb.server.cluster.redis.link.ForwardingLink;
import dev.reverb.server.cluster.redis.link.LinkFactory;
import dev.reverb.server.cluster.redis.link.Script;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.CutProxy;
import dev.reverb.testkit.redis.RedisProcess;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Shared state finds back to the truth, whatever was lost of it. */
@Tag("slow")
class HealingTest extends Faults {

    private static final ChannelId ROOM = new ChannelId("app", "presence-room");

    private static int connections(RedisCluster node) {
        return node.queries().connections("app").toCompletableFuture().join();
    }

    private static int subscriptions(RedisCluster node) {
        return node.queries().channel(ROOM).toCompletableFuture().join().subscriptions();
    }

    /** Moves all times that Redis notes by so many milliseconds: as if its clock were set by as many the other way. */
    private static void shiftTimes(RedisProcess redis, long millis) {
        String answer = redis.command("EVAL", """
            local by = tonumber(ARGV[1])
            for _, key in ipairs(redis.call('KEYS', '*')) do
              if string.find(key, ':leases$') or string.find(key, ':expired$') then
                for _, owner in ipairs(redis.call('ZRANGE', key, 0, -1)) do
                  redis.call('ZINCRBY', key, by, owner)
                end
              elseif string.find(key, ':clock$') then
                redis.call('INCRBY', key, by)
              elseif string.find(key, ':origins$') then
                local all = redis.call('HGETALL', key)
                for i = 1, #all, 2 do
                  local before, at = string.match(all[i + 1], '^(.-)(%d+)$')
                  if all[i] ~= '#seq' and all[i] ~= '#bytes' and at then
                    redis.call('HSET', key, all[i], before .. string.format('%.0f', tonumber(at) + by))
                  end
                end
              end
            end
            return 'shifted'
            """, "0", "" + millis);
        assertTrue(answer.contains("shifted"), answer);
    }

    @Test
    void aNodeThatFreezesForLongerThanItsLeaseWithConnectionsUnderWayLeaksNone() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        CutProxy proxy = track(new CutProxy(redis.port()));
        RedisCluster stays = track(Configs.connected(Configs.single(redis.address()), new RecordingEvents()));
        RedisCluster freezes = track(Configs.connected(Configs.single(proxy.address()), new RecordingEvents()));
        AtomicInteger admitted = new AtomicInteger();
        freezes.state().connect("app", 10, yes -> admitted.addAndGet(yes ? 1 : 0));
        Await.until(LONG, () -> "not admitted", () -> admitted.get() == 1 && connections(stays) == 1);
        proxy.hold();
        for (int i = 0; i < 3; i++) {
            freezes.state().connect("app", 10, yes -> admitted.addAndGet(yes ? 1 : 0));
        }
        Await.until(LONG, () -> "not reaped", () -> stays.statistics().reaped() == 1 && connections(stays) == 0);
        proxy.resume();
        Await.until(LONG, () -> admitted + ", " + connections(stays),
                () -> admitted.get() == 4 && connections(stays) == 4);
        for (int i = 0; i < 4; i++) {
            freezes.state().disconnect("app");
        }
        Await.until(LONG, () -> connections(stays) + " connections of nobody", () -> connections(stays) == 0);
    }

    @Test
    void aTotalThatWentWrongIsRightAgainWithTheNextConnection() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        RedisCluster node = track(Configs.connected(Configs.single(redis.address()), new RecordingEvents()));
        node.state().connect("app", 0, yes -> {});
        Await.until(LONG, () -> "not counted", () -> connections(node) == 1);
        redis.command("HINCRBY", "test:{app:app}:connections", "#", "1000");
        AtomicInteger admitted = new AtomicInteger();
        node.state().connect("app", 10, yes -> admitted.addAndGet(yes ? 1 : 100));
        Await.until(LONG, () -> "not decided", () -> admitted.get() > 0);
        assertEquals(1, admitted.get());
        assertEquals(2, connections(node));
    }

    @Test
    void whenOnlyTheLeasesAreLostNeitherTheLivingNorTheDeadLeaveGhosts() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        CutProxy proxy = track(new CutProxy(redis.port()));
        RecordingEvents heard = new RecordingEvents();
        RedisCluster one = track(Configs.connected(Configs.single(redis.address()), heard));
        RedisCluster two = track(Configs.connected(Configs.single(redis.address()), new RecordingEvents()));
        RedisCluster dead = track(Configs.connected(Configs.single(proxy.address()), new RecordingEvents()));
        one.broker().attach(ROOM);
        Await.until(LONG, () -> "not attached", () -> !heard.attached(ROOM).isEmpty());
        two.state().join(ROOM, member(two, "lives"));
        two.state().count(ROOM, 1);
        dead.state().join(ROOM, member(dead, "dies"));
        dead.state().count(ROOM, 1);
        two.state().connect("app", 0, yes -> {});
        dead.state().connect("app", 0, yes -> {});
        Await.until(LONG, () -> "nodes do not know each other",
                () -> heard.members(ROOM).size() == 2 && connections(one) == 2 && one.statistics().nodes() == 3);
        proxy.cut();
        redis.command("DEL", "test:{nodes}:leases");
        Await.until(LONG, () -> heard.members(ROOM) + "", () -> heard.members(ROOM).equals(Set.of("lives")));
        Await.until(LONG, () -> subscriptions(one) + ", " + connections(one),
                () -> subscriptions(one) == 1 && connections(one) == 1);
        Await.until(LONG, () -> "" + redis.command("HKEYS", "test:{app:app}:connections"),
                () -> one.queries().users(ROOM).toCompletableFuture().join().equals(Set.of("lives")));
        assertTrue(heard.changes(ROOM).stream().noneMatch(change -> change.equals("-lives")), heard.changes(ROOM) + "");
    }

    @Test
    void aNodeThatDiesAfterTheClockOfRedisWentBackAnHourIsNoticed() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        CutProxy proxy = track(new CutProxy(redis.port()));
        RecordingEvents heard = new RecordingEvents();
        RedisCluster stays = track(Configs.connected(Configs.single(redis.address()), heard));
        RedisCluster dies = track(Configs.connected(Configs.single(proxy.address()), new RecordingEvents()));
        stays.broker().attach(ROOM);
        dies.state().join(ROOM, member(dies, "dies"));
        Await.until(LONG, () -> "" + heard.members(ROOM), () -> heard.members(ROOM).equals(Set.of("dies")));
        proxy.cut();
        shiftTimes(redis, 3_600_000);
        Await.until(LONG, () -> "" + heard.members(ROOM), () -> heard.members(ROOM).isEmpty());
        assertEquals(0, stays.statistics().lapsed());
    }

    @Test
    void nobodyLeavesWhenTheClockOfRedisGoesAnHourForward() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        RecordingEvents heard = new RecordingEvents();
        RedisCluster one = track(anHourBefore(redis, heard));
        RedisCluster two = track(anHourBefore(redis, new RecordingEvents()));
        Await.until(LONG, () -> "Redis not reached", () -> one.linkUp() && two.linkUp());
        one.broker().attach(ROOM);
        two.state().join(ROOM, member(two, "stays"));
        Await.until(LONG, () -> "" + heard.members(ROOM), () -> heard.members(ROOM).equals(Set.of("stays")));
        awaitJudging(one, two);
        shiftTimes(redis, -3_600_000);
        long beats = one.statistics().commands();
        Await.until(LONG, () -> "no heartbeats", () -> one.statistics().commands() > beats + 20);
        two.state().join(ROOM, member(two, "comes"));
        Await.until(LONG, () -> "" + heard.members(ROOM), () -> heard.members(ROOM).equals(Set.of("stays", "comes")));
        assertEquals(0, one.statistics().reaped() + two.statistics().reaped());
        assertEquals(0, one.statistics().lapsed() + two.statistics().lapsed());
        assertTrue(heard.changes(ROOM).stream().noneMatch(change -> change.startsWith("-")), heard.changes(ROOM) + "");
    }

    /** A node whose heartbeats Redis answers with a time an hour behind the node's. */
    private static RedisCluster anHourBefore(RedisProcess redis, ClusterEvents events) {
        return RedisCluster.start(Configs.single(redis.address()), events, () -> 0, Balance.NONE, MemoryLimits.ofHeap(),
                (config, loop, node,
                        listener) -> new ForwardingLink(LinkFactory.LETTUCE.create(config, loop, node, listener)) {
                            @Override
                            public void run(Script script, byte[][] keys, byte[][] arguments,
                                    BiConsumer<@Nullable List<Object>, @Nullable Throwable> done) {
                                super.run(script, keys, arguments, (reply, e) -> {
                                    if (script == Script.LEASE && reply != null) {
                                        reply.set(3, (Long) reply.get(3) - 3_600_000);
                                    }
                                    done.accept(reply, e);
                                });
                            }
                        });
    }

    private static void awaitJudging(RedisCluster... nodes) {
        long from = System.nanoTime();
        Await.until(LONG, () -> "", () -> System.nanoTime() - from > Configs.LEASE.toNanos() + 1_500_000_000L);
        for (RedisCluster node : nodes) {
            assertEquals(0, node.statistics().lapsed());
        }
    }

    @Test
    void presenceIsRightWhenANodeWasReapedAndRedisLostItsLastFrames() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        CutProxy proxy = track(new CutProxy(redis.port()));
        RecordingEvents heard = new RecordingEvents();
        RedisCluster listens = track(Configs.connected(Configs.single(redis.address()), heard));
        RedisCluster node = track(Configs.connected(Configs.single(proxy.address()), new RecordingEvents()));
        listens.broker().attach(ROOM);
        node.state().join(ROOM, member(node, "first"));
        Await.until(LONG, () -> "" + heard.members(ROOM), () -> heard.members(ROOM).equals(Set.of("first")));
        node.state().join(ROOM, member(node, "last"));
        Await.until(LONG, () -> "" + heard.members(ROOM), () -> heard.members(ROOM).equals(Set.of("first", "last")));
        String origins = "test:{" + Keyspace.partition(ROOM) + "}:origins";
        // not where the node asserts its members before it looks at what Redis has
        for (int round = 0; node.statistics().replayed() == 0; round++) {
            assertTrue(round < 8, "never replayed");
            proxy.cut();
            Await.until(LONG, () -> "" + heard.members(ROOM), () -> heard.members(ROOM).isEmpty());
            // a fail-over lost that the node's last frame was applied
            int applied = Integer.parseInt(redis.command("HGET", origins, node.node()).split("[\r\n:]+")[1]);
            redis.command("HSET", origins, node.node(), (applied - 1) + ":" + System.currentTimeMillis());
            proxy.mend();
            Await.until(LONG, () -> "" + heard.members(ROOM),
                    () -> heard.members(ROOM).equals(Set.of("first", "last")));
            var _ = Await.holds(Duration.ofSeconds(3), () -> node.statistics().replayed() > 0);
        }
        publish(node, new ChannelId("app", "other"));
        assertEquals(Set.of("first", "last"), heard.members(ROOM));
    }

    private static void publish(RedisCluster node, ChannelId channel) {
        AtomicInteger acknowledged = new AtomicInteger();
        assertTrue(node.broker()
                .publish(List.of(Publication.of(channel, "x".getBytes(UTF_8))), acknowledged::incrementAndGet));
        Await.until(LONG, () -> "not acknowledged", () -> acknowledged.get() == 1);
    }
}
