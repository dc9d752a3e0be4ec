package dev.reverb.server.cluster.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.Histories.Found;
import dev.reverb.server.cluster.Histories.Page;
import dev.reverb.server.cluster.Histories.Question;
import dev.reverb.server.cluster.Histories.Usage;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.KeepRule;
import dev.reverb.server.cluster.message.Publication;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What one node keeps in memory. */
class MemoryHistoriesTest {

    private final MemoryHistories histories = new MemoryHistories("node");
    private long number;

    private HistoryPoint put(String channel, int size, KeepRule rule) {
        return put(new ChannelId("app", channel), size, rule);
    }

    private HistoryPoint put(ChannelId channel, int size, KeepRule rule) {
        Publication publication = new Publication(channel, new byte[size], 0, 0, rule, ++number);
        histories.put(publication);
        return histories.placed(publication);
    }

    private Page read(String channel, KeepRule rule, @Nullable HistoryPoint after) {
        List<@Nullable Page> pages = new ArrayList<>();
        histories.read(new ChannelId("app", channel), new Question(rule, after, Map.of(), null, false, 0, false),
                pages::add);
        return Objects.requireNonNull(pages.getFirst());
    }

    @Test
    void aChannelIsBoundedInBytesAndKeepsItsNewestMessage() {
        KeepRule rule = new KeepRule(1000, 60_000, 10_000);
        HistoryPoint first = put("a", 100, rule);
        for (int i = 0; i < 5_000; i++) {
            put("a", 100, rule);
            assertTrue(histories.bytes() <= 10_000, "flat at its bound");
        }
        assertEquals(Found.TOO_OLD, read("a", rule, first).found());
        HistoryPoint large = put("a", 50_000, rule);
        assertEquals(List.of(large), read("a", rule, null).entries().stream().map(entry -> entry.point()).toList());
    }

    @Test
    void anApplicationIsBoundedAndItsChannelWrittenLongestAgoGoesFirst() {
        histories.bound(64 << 20, 32 << 20);
        KeepRule rule = new KeepRule(1000, 60_000, 16 << 20);
        HistoryPoint before = histories.follow(new ChannelId("app", "c0"));
        for (int i = 0; i < 100; i++) {
            put("c" + i, 1 << 20, rule);
            assertTrue(histories.bytes() <= 32 << 20);
        }
        assertEquals(Found.TOO_OLD, read("c0", rule, before).found());
        assertEquals(1, read("c99", rule, null).entries().size());
        assertEquals(100 - histories.bytes() / (1 << 20), usage("app").dropped());
        assertEquals(histories.bytes(), usage("app").bytes());
    }

    @Test
    void whereAllTogetherAreTooMuchTheApplicationThatHasMostLosesItsOldest() {
        histories.bound(10_000, 8_000);
        KeepRule rule = new KeepRule(1000, 60_000, 16 << 20);
        put(new ChannelId("small", "kept"), 1_000, rule);
        for (int i = 0; i < 50; i++) {
            put("c" + i, 1_000, rule);
            put(new ChannelId("other", "c" + i), 500, rule);
            assertTrue(histories.bytes() <= 10_000);
            assertTrue(usage("app").bytes() <= 8_000);
        }
        assertEquals(0, usage("small").dropped());
        assertTrue(usage("app").dropped() > 0 && usage("other").dropped() > 0);
    }

    private Usage usage(String app) {
        return Objects.requireNonNull(histories.usage().get(app));
    }
}
