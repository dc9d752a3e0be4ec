package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.Histories;
import dev.reverb.server.cluster.Histories.Found;
import dev.reverb.server.cluster.Histories.Page;
import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.KeepRule;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Of how many channels of a partition Redis remembers where their histories ended. */
final class HistoryMarksTest extends Faults {

    private static final KeepRule RULE = new KeepRule(10, 600_000, 10_000);
    private static final int REMEMBERED = 1_024;

    private final AtomicInteger written = new AtomicInteger();
    private long number;

    private static List<ChannelId> channelsOfOnePartition(int count) {
        List<ChannelId> channels = new ArrayList<>();
        for (int i = 0; channels.size() < count; i++) {
            ChannelId channel = new ChannelId("app", "c" + i);
            if (Keyspace.partition(channel) == 7) {
                channels.add(channel);
            }
        }
        return channels;
    }

    private void publish(RedisCluster node, ChannelId channel) {
        int before = written.get();
        assertTrue(node.broker()
                .publish(List.of(new Publication(channel, "{}".getBytes(UTF_8), 0, 0, RULE, ++number)),
                        written::incrementAndGet));
        Await.until(LONG, () -> "not written", () -> written.get() > before);
    }

    private static Page read(RedisCluster node, ChannelId channel, @Nullable HistoryPoint after) throws Exception {
        CompletableFuture<@Nullable Page> page = new CompletableFuture<>();
        node.histories()
                .read(channel, new Histories.Question(RULE, after, Map.of(), null, false, 0, false), page::complete);
        Page answer = page.get();
        assertNotNull(answer);
        return answer;
    }

    @Test
    void aChannelThatIsForgottenIsTooOldAndNeverWhole() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        RedisCluster node = track(Configs.connected(Configs.single(redis.address()), new RecordingEvents()));
        List<ChannelId> channels = channelsOfOnePartition(REMEMBERED + 50);
        ChannelId first = channels.getFirst();
        publish(node, first);
        HistoryPoint last = read(node, first, null).entries().getLast().point();
        assertEquals(Found.YES, read(node, first, last).found());
        List<Publication> others = new ArrayList<>();
        for (ChannelId channel : channels.subList(1, channels.size())) {
            others.add(new Publication(channel, "{}".getBytes(UTF_8), 0, 0, RULE, ++number));
        }
        int before = written.get();
        assertTrue(node.broker().publish(others, written::incrementAndGet));
        Await.until(LONG, () -> "not written", () -> written.get() > before);
        Await.until(LONG, () -> redis.command("ZCARD", "test:{7}:hmarks") + " marks",
                () -> redis.command("EXISTS", "test:{7}:hpos:app:" + channels.getLast().name()).equals(":1\r\n"));
        assertEquals(":" + REMEMBERED + "\r\n", redis.command("ZCARD", "test:{7}:hmarks"));
        assertEquals(":" + REMEMBERED + "\r\n", redis.command("EVAL", "return #redis.call('KEYS', '*:hpos:*')", "0"));
        assertEquals(Found.TOO_OLD, read(node, first, last).found());
        Page again = read(node, first, null);
        assertTrue(again.entries().isEmpty() && (again.remade() == null || !again.remade().whole()), again.toString());
        publish(node, first); // which looks like its first message
        assertEquals(Found.TOO_OLD, read(node, first, last).found());
        HistoryPoint newest = read(node, first, null).entries().getLast().point();
        publish(node, first);
        assertEquals(Found.YES, read(node, first, newest).found());
        assertEquals(1, read(node, first, newest).entries().size());
    }
}
