package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.budget.MemoryLimits;
import dev.reverb.server.config.ScalingConfig.Topology;
import dev.reverb.server.config.ScalingConfig.WhenDown;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.CutProxy;
import dev.reverb.testkit.redis.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One Redis server that dies, hangs and is cut off. */
@Tag("slow")
final class SingleRedisFaultsTest extends Faults {

    @Test
    void nothingIsLostOrDoubledWhenRedisIsKilledAndComesBackWithItsFile() throws Exception {
        RedisProcess redis = track(RedisProcess.server("--appendonly", "yes"));
        Fleet fleet = fleet(40, LinkFault.NONE, redis.address(), redis.address(), redis.address());
        List<Publisher> publishers = publishers(fleet, 200);
        for (int i = 0; i < 3; i++) {
            progress(publishers, 100);
            redis.kill();
            progress(publishers, 100);
            redis.start();
        }
        progress(publishers, 100);
        stop(publishers);
        fleet.exact(publishers);
    }

    @Test
    @Tag("long")
    void nothingIsLostOrDoubledWhenRedisComesBackEmpty() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        Fleet fleet = fleet(40, LinkFault.NONE, redis.address(), redis.address(), redis.address());
        List<Publisher> publishers = publishers(fleet, 200);
        progress(publishers, 100);
        redis.kill();
        progress(publishers, 100);
        redis.start();
        progress(publishers, 100);
        stop(publishers);
        fleet.exact(publishers);
    }

    @Test
    void nothingIsLostOrDoubledWhenLinksAreCutAtRandom() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        CutProxy one = track(new CutProxy(redis.port()));
        CutProxy two = track(new CutProxy(redis.port()));
        Fleet fleet = fleet(40, LinkFault.NONE, one.address(), two.address(), redis.address());
        List<Publisher> publishers = publishers(fleet, 200);
        for (int i = 0; i < 4; i++) {
            CutProxy victim = i % 2 == 0 ? one : two;
            progress(publishers, 60);
            victim.cut();
            progress(publishers, 100);
            victim.mend();
        }
        stop(publishers);
        fleet.exact(publishers);
    }

    @Test
    @Tag("long")
    void withRecoverySwitchedOffTheSameCheckFails() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        CutProxy one = track(new CutProxy(redis.port()));
        Fleet fleet = fleet(40, LinkFault.NO_RECOVERY, one.address(), redis.address());
        List<Publisher> publishers = publishers(fleet, 200);
        progress(publishers, 60);
        one.cut();
        progress(publishers, 100);
        one.mend();
        progress(publishers, 100);
        stop(publishers);
        assertFalse(fleet.complete(Duration.ofSeconds(4), publishers), "messages should be missing");
    }

    @Test
    @Tag("long")
    void nothingIsLostOrDoubledWhenRedisHangsForLongerThanItsTimeout() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        Fleet fleet = fleet(20, LinkFault.NONE, redis.address(), redis.address());
        List<Publisher> publishers = publishers(fleet, 200);
        progress(publishers, 60);
        redis.pause();
        progress(publishers, 500);
        redis.resume();
        progress(publishers, 60);
        stop(publishers);
        fleet.exact(publishers);
        assertTrue(fleet.nodes.getFirst().statistics().outages() > 0);
    }

    @Test
    void nothingIsLostOrDoubledWhenConnectionsAreKilled() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        Fleet fleet = fleet(20, LinkFault.NONE, redis.address(), redis.address());
        List<Publisher> publishers = publishers(fleet, 200);
        for (String type : List.of("pubsub", "normal", "pubsub")) {
            progress(publishers, 100);
            redis.command("CLIENT", "KILL", "TYPE", type);
        }
        progress(publishers, 100);
        stop(publishers);
        fleet.exact(publishers);
    }

    @Test
    void whatIsPublishedDuringAnOutageIsHeldUpToTheBoundThenRefused() throws Exception {
        RedisProcess redis = track(RedisProcess.server("--appendonly", "yes"));
        RecordingEvents heard = new RecordingEvents();
        RedisCluster listener = track(Configs.connected(Configs.single(redis.address()), heard));
        MemoryLimits small = new MemoryLimits(100_000, 100_000, 10_000, 10_000, 1_000_000, 100_000, 1_000_000,
                100_000_000, 10_000);
        RedisCluster node = track(LinkFault.NONE.start(Configs.single(redis.address()), new RecordingEvents(), () -> 0,
                Balance.NONE, small));
        ChannelId channel = new ChannelId("app", "held");
        listener.broker().attach(channel);
        Await.until(LONG, () -> "not attached", () -> !heard.attached(channel).isEmpty() && node.linkUp());
        redis.kill();
        Await.until(LONG, () -> "still up", () -> !node.linkUp() && !listener.linkUp());
        AtomicInteger acknowledged = new AtomicInteger();
        int accepted = 0;
        while (node.broker()
                .publish(List.of(Publication.of(channel, ("" + accepted).getBytes(UTF_8))),
                        acknowledged::incrementAndGet)) {
            accepted++;
            assertTrue(accepted < 10_000, "no bound");
        }
        int all = accepted;
        assertTrue(all > 100);
        Await.until(LONG, () -> acknowledged + " of " + all, () -> acknowledged.get() == all);
        assertTrue(node.statistics().heldBytes() > 50_000);
        redis.start();
        Await.until(LONG, () -> heard.count(channel) + " of " + all, () -> heard.count(channel) == all);
        Await.until(LONG, () -> "held", () -> node.statistics().heldBytes() == 0);
        assertEquals(all, heard.messages(channel).stream().distinct().count());
    }

    @Test
    void aNodeThatClosesDuringABlipWritesFirstWhatItHolds() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        CutProxy link = track(new CutProxy(redis.port()));
        ChannelId channel = new ChannelId("app", "held");
        RecordingEvents heard = new RecordingEvents();
        RedisCluster listener = track(Configs.connected(Configs.single(redis.address()), heard));
        listener.broker().attach(channel);
        Await.until(LONG, () -> "not attached", () -> !heard.attached(channel).isEmpty());
        RedisCluster node = track(Configs.connected(Configs.single(link.address()), new RecordingEvents()));
        link.cut();
        Await.until(LONG, () -> "still up", () -> !node.linkUp());
        AtomicInteger acknowledged = new AtomicInteger();
        assertTrue(node.broker()
                .publish(List.of(Publication.of(channel, "1".getBytes(UTF_8))), acknowledged::incrementAndGet));
        Await.until(LONG, () -> "not acknowledged", () -> acknowledged.get() == 1);
        Thread closing = Thread.ofPlatform().start(node::close);
        Await.until(LONG, () -> "not closing", () -> closing.getState() == Thread.State.TIMED_WAITING);
        link.mend();
        closing.join();
        Await.until(LONG, () -> "lost", () -> heard.count(channel) == 1);
    }

    @Test
    void whenToldToRefuseANodeRefusesAtOnceWhileRedisIsDown() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        RedisCluster node = track(Configs.connected(
                Configs.of(Topology.SINGLE, List.of(redis.address()), WhenDown.REFUSE), new RecordingEvents()));
        List<Publication> batch = List.of(Publication.of(new ChannelId("app", "x"), "1".getBytes(UTF_8)));
        assertTrue(node.broker().publish(batch, () -> {}));
        redis.kill();
        Await.until(LONG, () -> "still up", () -> !node.linkUp());
        assertFalse(node.broker().publish(batch, () -> {}));
        redis.start();
        Await.until(LONG, () -> "still refused", () -> node.broker().publish(batch, () -> {}));
    }

    @Test
    void aDeadNodesMembersLeaveOnceWithinTenSecondsAndItsCountsGo() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        CutProxy proxy = track(new CutProxy(redis.port()));
        RecordingEvents heard = new RecordingEvents();
        RedisCluster one = track(Configs.connected(Configs.single(redis.address()), heard));
        RedisCluster two = track(Configs.connected(Configs.single(redis.address()), new RecordingEvents()));
        RedisCluster dying = track(Configs.connected(Configs.single(proxy.address()), new RecordingEvents()));
        ChannelId channel = new ChannelId("app", "presence-room");
        one.broker().attach(channel);
        Await.until(LONG, () -> "not attached", () -> !heard.attached(channel).isEmpty());
        for (int i = 0; i < 50; i++) {
            dying.state().join(channel, member(dying, "d" + i));
        }
        two.state().join(channel, member(two, "d0"));
        dying.state().count(channel, 50);
        dying.state().connect("app", 0, yes -> {});
        Await.until(LONG, () -> heard.members(channel) + "", () -> heard.members(channel).size() == 50);
        long from = System.nanoTime();
        proxy.cut();
        Await.until(Duration.ofSeconds(10), () -> heard.members(channel) + "",
                () -> heard.members(channel).equals(Set.of("d0")));
        assertTrue(System.nanoTime() - from > 500_000_000L, "not before the lease has ended");
        assertEquals(49, heard.changes(channel).stream().filter(c -> c.startsWith("-")).count());
        Await.until(LONG, () -> "counts stay",
                () -> one.queries().channel(channel).toCompletableFuture().join().subscriptions() == 0
                        && one.queries().connections("app").toCompletableFuture().join() == 0);
        proxy.mend();
        Await.until(LONG, () -> heard.members(channel) + "", () -> heard.members(channel).size() == 50);
        Await.until(LONG, () -> "counts do not return",
                () -> one.queries().channel(channel).toCompletableFuture().join().subscriptions() == 50
                        && one.queries().connections("app").toCompletableFuture().join() == 1);
        assertEquals(1, dying.statistics().lapsed());
    }

    @Test
    void nobodyLeavesDuringOrAfterAnOutageLongerThanALease() throws Exception {
        RedisProcess redis = track(RedisProcess.server("--appendonly", "yes"));
        outageLongerThanALease(redis);
    }

    @Test
    @Tag("long")
    void nobodyLeavesThoughRedisComesBackEmpty() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        outageLongerThanALease(redis);
    }

    private void outageLongerThanALease(RedisProcess redis) throws Exception {
        List<RecordingEvents> events = List.of(new RecordingEvents(), new RecordingEvents(), new RecordingEvents());
        List<RedisCluster> nodes = new ArrayList<>();
        ChannelId channel = new ChannelId("app", "presence-room");
        for (RecordingEvents recording : events) {
            RedisCluster node = track(Configs.connected(Configs.single(redis.address()), recording));
            nodes.add(node);
            node.broker().attach(channel);
            Await.until(LONG, () -> "not attached", () -> !recording.attached(channel).isEmpty());
        }
        for (int i = 0; i < 90; i++) {
            nodes.get(i % 3).state().join(channel, member(nodes.get(i % 3), "u" + i));
        }
        events.forEach(e -> Await.until(LONG, () -> "" + e.members(channel), () -> e.members(channel).size() == 60));
        redis.kill();
        long from = System.nanoTime();
        for (int i = 0; i < 3; i++) {
            nodes.get(i).state().leave(channel, "u" + i);
            nodes.get(i).state().join(channel, member(nodes.get(i), "new" + i));
        }
        Await.until(LONG, () -> "", () -> System.nanoTime() - from > Configs.LEASE.toNanos() + 500_000_000L);
        events.forEach(e -> assertTrue(e.changes(channel).stream().noneMatch(c -> c.startsWith("-"))));
        redis.start();
        for (int i = 0; i < 3; i++) {
            Set<String> truth = new TreeSet<>();
            for (int u = 0; u < 90; u++) {
                if (u % 3 != i && u > 2) {
                    truth.add("u" + u);
                }
            }
            for (int n = 0; n < 3; n++) {
                if (n != i) {
                    truth.add("new" + n);
                }
            }
            RecordingEvents recording = events.get(i);
            Await.until(LONG, () -> recording.members(channel) + "", () -> recording.members(channel).equals(truth));
        }
        long back = System.nanoTime();
        Await.until(LONG, () -> "", () -> System.nanoTime() - back > 2 * Configs.LEASE.toNanos());
        for (RecordingEvents recording : events) {
            assertEquals(2, recording.changes(channel).stream().filter(c -> c.startsWith("-")).count(),
                    recording.changes(channel) + "");
            assertEquals(recording.changes(channel).size(), recording.changes(channel).stream().distinct().count());
        }
        nodes.forEach(node -> assertEquals(0, node.statistics().reaped()));
    }
}
