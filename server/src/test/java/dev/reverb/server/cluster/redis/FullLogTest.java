package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.budget.MemoryLimits;
import dev.reverb.server.config.ScalingConfig;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.CutProxy;
import dev.reverb.testkit.redis.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** More is published than a partition's log may hold while a node cannot read it. */
final class FullLogTest extends Faults {

    private static final ChannelId CHANNEL = new ChannelId("app", "full");
    private static final MemoryLimits SMALL = new MemoryLimits(8_000_000, 8_000_000, 20_000, 10_000, 8_000_000,
            1_000_000, 300_000, 100_000_000, 10_000);
    private static final String PADDING = "x".repeat(1_000);

    private final List<String> accepted = new ArrayList<>();
    private final AtomicInteger acknowledged = new AtomicInteger();

    private RedisCluster start(ScalingConfig config, RecordingEvents events) {
        RedisCluster node = track(LinkFault.NONE.start(config, events, () -> 0, Balance.NONE, SMALL));
        Await.until(LONG, () -> "Redis not reached", node::linkUp);
        return node;
    }

    private RedisCluster listener(ScalingConfig config, RecordingEvents events) {
        RedisCluster node = start(config, events);
        node.broker().attach(CHANNEL);
        Await.until(LONG, () -> "not attached", () -> !events.attached(CHANNEL).isEmpty());
        return node;
    }

    private boolean publish(RedisCluster node) {
        String message = accepted.size() + PADDING;
        boolean taken = node.broker()
                .publish(List.of(Publication.of(CHANNEL, message.getBytes(UTF_8))), acknowledged::incrementAndGet);
        if (taken) {
            accepted.add(message);
        }
        return taken;
    }

    @Test
    void whatACutOffNodeHasNotReadStaysAndPublishersAreRefusedUntilItReads() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        CutProxy link = track(new CutProxy(redis.port()));
        Duration lease = Duration.ofSeconds(12);
        RedisCluster publisher = start(Configs.withLease(Configs.single(redis.address()), lease),
                new RecordingEvents());
        RecordingEvents heard = new RecordingEvents();
        RedisCluster listener = listener(Configs.withLease(Configs.single(link.address()), lease), heard);
        for (int i = 0; i < 50; i++) {
            assertTrue(publish(publisher));
        }
        Await.until(LONG, () -> "" + heard.count(CHANNEL), () -> heard.count(CHANNEL) == 50);
        link.cut();
        Await.until(LONG, () -> "still up", () -> !listener.linkUp());
        Await.until(lease, () -> accepted.size() + " accepted", () -> !publish(publisher));
        assertTrue(publisher.statistics().refused() > 0);
        assertTrue(acknowledged.get() < accepted.size(), "what is not written is not acknowledged");
        link.mend();
        Await.until(LONG, () -> heard.count(CHANNEL) + " of " + accepted.size(),
                () -> heard.count(CHANNEL) == accepted.size());
        Await.until(LONG, () -> "still refused", () -> publish(publisher));
        Await.until(LONG, () -> acknowledged + " acknowledged", () -> acknowledged.get() == accepted.size());
        Await.until(LONG, () -> "the last", () -> heard.count(CHANNEL) == accepted.size());
        assertEquals(accepted, heard.messages(CHANNEL));
        assertEquals(0, listener.statistics().histories());
    }

    @Test
    void aNodeThatIsAwayForLongerThanItsLeaseHoldsUpNobody() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        CutProxy link = track(new CutProxy(redis.port()));
        // longer than it takes to fill the log
        Duration lease = Duration.ofSeconds(8);
        RedisCluster publisher = start(Configs.withLease(Configs.single(redis.address()), lease),
                new RecordingEvents());
        RecordingEvents heard = new RecordingEvents();
        listener(Configs.withLease(Configs.single(redis.address()), lease), heard);
        RedisCluster away = listener(Configs.withLease(Configs.single(link.address()), lease), new RecordingEvents());
        link.cut();
        Await.until(LONG, () -> "still up", () -> !away.linkUp());
        Await.until(lease, () -> accepted.size() + " accepted", () -> !publish(publisher));
        assertFalse(accepted.isEmpty());
        int before = accepted.size();
        Await.until(lease.multipliedBy(3), () -> accepted.size() + " accepted", () -> {
            int more = 0; // several for each look: looks become rarer the longer it takes
            while (more < 50 && publish(publisher)) {
                more++;
            }
            return accepted.size() > before + 1_000;
        });
        Await.until(LONG, () -> heard.count(CHANNEL) + " of " + accepted.size(),
                () -> heard.count(CHANNEL) == accepted.size());
        assertEquals(accepted, heard.messages(CHANNEL));
    }

    @Test
    void aNodeThatReadsIsNeverWaitedFor() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        Duration noHeartbeat = Duration.ofMinutes(1);
        RedisCluster publisher = start(Configs.withLease(Configs.single(redis.address()), noHeartbeat),
                new RecordingEvents());
        RecordingEvents heard = new RecordingEvents();
        listener(Configs.withLease(Configs.single(redis.address()), noHeartbeat), heard);
        while (accepted.size() < 5_000) {
            assertTrue(publish(publisher));
            Await.until(LONG, () -> "too far behind", () -> heard.count(CHANNEL) > accepted.size() - 50);
        }
        assertEquals(0, publisher.statistics().refused());
    }
}
