package dev.reverb.server.cluster.redis.log.write;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.ManualNode;
import dev.reverb.server.cluster.redis.base.ManualScheduler;
import dev.reverb.server.cluster.redis.base.WriteBudget;
import dev.reverb.server.cluster.redis.frame.Ack;
import dev.reverb.server.cluster.redis.link.ScriptedLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One partition's writer without threads and without Redis. */
class PartitionWriterTest {

    private static final ChannelId CHANNEL = new ChannelId("app", "news");

    private final ManualScheduler time = new ManualScheduler();
    private final ScriptedLink link = new ScriptedLink();
    private final ClusterNode node = ManualNode.of(time);
    private final List<String> happened = new ArrayList<>();
    private final PartitionWriter writer = new PartitionWriter(3, node, link, new WriteBudget(1_000_000),
            owner -> happened.add("lost " + owner));

    private void publish(String message) {
        writer.publish(Publication.of(CHANNEL, message.getBytes(UTF_8)), 100, new Ack(1, () -> happened.add(message)),
                () -> {});
        time.run();
    }

    @Test
    void oneFrameIsUnderWayAndWhatComesMeanwhileIsTheNext() {
        publish("a");
        publish("b");
        publish("c");
        ScriptedLink.Call first = link.take();
        assertEquals("1", first.argument(7));
        assertTrue(link.idle());
        first.reply(1L, "1-1".getBytes(UTF_8));
        assertEquals(List.of("a"), happened);
        ScriptedLink.Call second = link.take();
        assertEquals("2", second.argument(7));
        assertEquals("1", second.argument(8), "it names the frame before it");
        second.reply(1L, "1-2".getBytes(UTF_8));
        assertEquals(List.of("a", "b", "c"), happened);
        assertTrue(writer.idle());
    }

    @Test
    void aFrameWhoseAnswerIsLostCountsAsHeldAndIsSentAgainUnchanged() {
        publish("a");
        link.take().fail();
        assertEquals(List.of("a"), happened);
        publish("b");
        assertEquals(List.of("a", "b"), happened, "held while Redis does not answer");
        time.advance(Duration.ofSeconds(3));
        ScriptedLink.Call again = link.take();
        assertEquals("1", again.argument(7));
        again.reply(0L);
        assertEquals("2", link.take().argument(7));
    }

    @Test
    void whatRedisLostIsSentAgainFromThere() {
        for (String message : List.of("a", "b", "c")) {
            publish(message);
            link.take().reply(1L, "1-1".getBytes(UTF_8));
        }
        publish("d");
        link.take().reply(-1L, 1L);
        assertEquals("2", link.take().argument(7));
        assertEquals(2, node.counters().replayed().sum());
    }

    @Test
    void whileOthersLagNothingIsWrittenForASecond() {
        writer.gate();
        publish("a");
        assertTrue(link.idle());
        time.advance(Duration.ofMillis(990));
        assertTrue(link.idle());
        time.advance(Duration.ofMillis(20));
        assertFalse(link.idle());
    }

    @Test
    void aReapedOwnerIsReportedAndTheFrameIsSentUnderTheNextOne() {
        publish("a");
        String owner = node.identity().owner();
        node.identity().nextEpoch();
        link.take().reply(-2L);
        assertEquals(List.of("lost " + owner), happened);
        assertEquals("1", link.take().argument(7));
    }

    @Test
    void aFrameThatIsSentAgainForAnotherOwnerLeavesItsMembersToALaterAssertion() {
        writer.join(new ChannelId("app", "presence-x"), "u", "{}".getBytes(UTF_8));
        publish("a");
        link.take().fail(); // it may have been applied, and read
        node.identity().nextEpoch();
        writer.assertAll();
        time.advance(Duration.ofSeconds(3));
        ScriptedLink.Call again = link.take();
        assertEquals("1", again.argument(7));
        assertEquals(node.identity().owner(), again.argument(10));
        assertEquals("p", again.argument(14));
        assertEquals(15, again.arguments());
        again.reply(1L, "1-1".getBytes(UTF_8));
        ScriptedLink.Call assertion = link.take();
        assertEquals("2", assertion.argument(7));
        assertEquals("a", assertion.argument(14));
        assertEquals("m", assertion.argument(16));
        assertEquals("u", assertion.argument(18));
    }
}
