package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.budget.MemoryLimits;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What all nodes publish takes a bounded part of Redis's memory, and one application a share of that. */
final class WholeLogTest extends Faults {

    private static final int WHOLE = 8_000_000;
    /** One partition may have 2 MB, so that a bound for each of them alone would allow 512 MB. */
    private static final MemoryLimits LIMITS = new MemoryLimits(8_000_000, 8_000_000, 20_000, 10_000, 8_000_000,
            1_000_000, 2_000_000, WHOLE, 10_000);
    private static final int EVENT = 4_000;

    private RedisProcess redis;
    private final List<RedisCluster> nodes = new ArrayList<>();
    private final RecordingEvents heard = new RecordingEvents();

    @BeforeEach
    void twoNodes() throws Exception {
        redis = track(RedisProcess.server());
        for (RecordingEvents events : List.of(new RecordingEvents(), heard)) {
            nodes.add(track(
                    LinkFault.NONE.start(Configs.single(redis.address()), events, () -> 0, Balance.NONE, LIMITS)));
        }
        Await.until(LONG, () -> "Redis not reached", () -> nodes.stream().allMatch(RedisCluster::linkUp));
    }

    private long usedMemory() {
        return redis.command("INFO", "memory")
                .lines()
                .filter(line -> line.startsWith("used_memory:"))
                .mapToLong(line -> Long.parseLong(line.substring("used_memory:".length()).strip()))
                .findFirst()
                .orElseThrow();
    }

    private static boolean publish(RedisCluster node, ChannelId channel, Runnable acknowledged) {
        return node.broker().publish(List.of(Publication.of(channel, "x".repeat(EVENT).getBytes(UTF_8))), acknowledged);
    }

    @Test
    void allLogsTogetherStayWithinTheBoundHoweverManyChannelsAndApplicationsAreLoud() {
        long before = usedMemory();
        long most = before;
        AtomicInteger acknowledged = new AtomicInteger();
        int events = 10 * WHOLE / EVENT; // ten times what they may hold, so evenly that no partition is full
        for (int i = 0; i < events; i++) {
            ChannelId channel = new ChannelId("app-" + i % 97, "loud-" + i % 512);
            RedisCluster node = nodes.get(i % 2);
            Await.until(LONG, () -> "refused", () -> publish(node, channel, acknowledged::incrementAndGet));
            if (i % 100 == 0) {
                int least = i - 500;
                Await.until(LONG, () -> "not written", () -> acknowledged.get() > least);
                most = Math.max(most, usedMemory());
            }
        }
        Await.until(LONG, () -> acknowledged + " written", () -> acknowledged.get() == events);
        most = Math.max(most, usedMemory());
        long grown = most - before;
        assertTrue(grown > WHOLE / 8, () -> "the log keeps what fits: " + grown);
        // each event with its framing, and what Redis itself needs beside it
        assertTrue(grown < WHOLE * 3L / 2, () -> grown + " bytes more than before, of " + WHOLE + " allowed");
        Await.until(LONG, () -> "meter", () -> nodes.getFirst().statistics().logBytes() > WHOLE / 8);
    }

    @Test
    void oneApplicationIsRefusedBeyondItsShareAndTheOthersAreServed() {
        RedisCluster node = nodes.getFirst();
        int taken = 0;
        while (publish(node, new ChannelId("greedy", "loud-" + taken % 200), () -> {})) {
            taken++;
            assertTrue(taken * EVENT < WHOLE, "never refused");
        }
        assertTrue(taken * EVENT > WHOLE / 8, "refused early: " + taken);
        assertTrue(node.broker().refusal("greedy").orElseThrow().contains("share"));
        assertTrue(node.statistics().overShare() > 0);
        ChannelId calm = new ChannelId("calm", "news");
        nodes.get(1).broker().attach(calm);
        Await.until(LONG, () -> "not attached", () -> !heard.attached(calm).isEmpty());
        AtomicInteger acknowledged = new AtomicInteger();
        assertTrue(publish(node, calm, acknowledged::incrementAndGet));
        assertFalse(node.broker().refusal("calm").isPresent());
        Await.until(LONG, () -> "not delivered", () -> heard.count(calm) == 1);
        Await.until(LONG, () -> "not acknowledged", () -> acknowledged.get() == 1);
        Await.until(LONG, () -> "its share does not come back",
                () -> publish(node, new ChannelId("greedy", "later"), () -> {}));
    }
}
