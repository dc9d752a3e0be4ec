package dev.reverb.server.cluster.redis.log.write;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.base.ManualNode;
import dev.reverb.server.cluster.redis.base.ManualScheduler;
import dev.reverb.server.cluster.redis.base.WriteBudget;
import dev.reverb.server.cluster.redis.frame.Ack;
import dev.reverb.server.cluster.redis.frame.Operation;
import dev.reverb.server.cluster.redis.link.ScriptedLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of a partition whose frames Redis refuses, or whose publications wait for other nodes. */
class RefusedFramesTest {

    private static final ChannelId CHANNEL = new ChannelId("app", "news");
    private static final ChannelId ROOM = new ChannelId("app", "presence-room");
    private static final String POISON = "ERR user_script:163: attempt to index a nil value script: f_1";
    private static final String WRONGTYPE = "WRONGTYPE Operation against a key holding the wrong kind of value";
    private static final int OPERATION = 14;

    private final ManualScheduler time = new ManualScheduler();
    private final ScriptedLink link = new ScriptedLink();
    private final ClusterNode node = ManualNode.of(time);
    private final List<String> happened = new ArrayList<>();
    private final WriteBudget budget = new WriteBudget(1_000_000);
    private final PartitionWriter writer = writer(3);

    private PartitionWriter writer(int partition) {
        return new PartitionWriter(partition, node, link, budget, owner -> happened.add("lost"));
    }

    private void publish(String message, int bytes) {
        assertTrue(budget.take(bytes));
        writer.publish(Publication.of(CHANNEL, message.getBytes(UTF_8)), bytes, new Ack(1, () -> happened.add(message)),
                () -> {});
        time.run();
    }

    /** Refuses what is sent as long as it carries the same number; the first call with another one. */
    private ScriptedLink.Call refuseWhile(String number, String reply) {
        for (int i = 0; i < 100; i++) {
            while (link.idle()) {
                time.advance(Duration.ofMillis(100));
            }
            ScriptedLink.Call call = link.take();
            if (!call.argument(7).equals(number)) {
                return call;
            }
            call.refuse(reply);
        }
        throw new AssertionError("frame " + number + " holds up its partition for ever");
    }

    @Test
    void aFrameThatAScriptAlwaysFailsOverIsSetAsideAndItsPartitionGoesOn() {
        publish("poison", 100);
        link.take().refuse(POISON);
        assertEquals(List.of("poison"), happened, "held");
        publish("next", 100);
        ScriptedLink.Call next = refuseWhile("1", POISON);
        assertEquals("2", next.argument(7));
        assertEquals("", next.argument(8), "it does not follow the one that Redis never had");
        next.reply(1L, "1-1".getBytes(UTF_8));
        assertEquals(1, node.counters().setAside().sum());
        assertEquals(0, budget.held());
        assertTrue(writer.idle());
    }

    @Test
    void whatChangesMembersIsLeftOutBeforePublicationsAre() {
        writer.join(ROOM, "1", "{}".getBytes(UTF_8));
        publish("hello", 100);
        link.take().refuse(WRONGTYPE);
        for (int i = 0; i < 100; i++) {
            while (link.idle()) {
                time.advance(Duration.ofMillis(100));
            }
            ScriptedLink.Call call = link.take();
            if (call.argument(OPERATION).equals("p")) {
                call.reply(1L, "1-1".getBytes(UTF_8));
                assertEquals(0, node.counters().setAside().sum());
                assertEquals(0, budget.held());
                return;
            }
            call.refuse(WRONGTYPE);
        }
        throw new AssertionError("the publication never goes");
    }

    @Test
    void publicationsOfAPartitionWhoseKeyIsOfAnotherTypeAreHeldUntilItIsMended() {
        publish("a", 100);
        for (int i = 0; i < 30; i++) {
            while (link.idle()) {
                time.advance(Duration.ofMillis(100));
            }
            link.take().refuse(WRONGTYPE);
        }
        assertEquals(100, budget.held());
        while (link.idle()) {
            time.advance(Duration.ofMillis(100));
        }
        link.take().reply(1L, "1-1".getBytes(UTF_8));
        assertEquals(0, budget.held());
    }

    @Test
    void aPartitionThatIsRefusedHoldsItsOwnShareOnly() {
        publish("a", 100);
        link.take().refuse(WRONGTYPE);
        assertFalse(writer.refuses());
        publish("much", (int) node.limits().held() / 8 + 1);
        assertTrue(writer.refuses());
        assertFalse(writer(4).refuses());
    }

    @Test
    void membersAndRemovalsDoNotWaitForNodesThatLag() {
        writer.gate();
        publish("a", 100);
        assertTrue(link.idle());
        writer.join(ROOM, "1", "{}".getBytes(UTF_8));
        time.advance(Duration.ofMillis(10));
        ScriptedLink.Call join = link.take();
        assertEquals("j", join.argument(OPERATION));
        join.reply(1L, "1-1".getBytes(UTF_8));
        assertEquals(List.of(), happened);
        time.advance(Duration.ofSeconds(1));
        assertEquals("p", link.take().argument(OPERATION));
    }

    @Test
    void requestsDoNotWaitForNodesThatLag() {
        PartitionWriter requests = writer(Keyspace.CONTROL);
        requests.gate();
        requests.add(new Operation.Request(new dev.reverb.server.cluster.message.Control.Restart("1"),
                dev.reverb.server.cluster.redis.frame.Ack.NONE));
        time.run();
        assertEquals("p", link.take().argument(OPERATION));
    }

    @Test
    void membersDoNotWaitForALogThatIsFull() {
        publish("a", 100);
        link.take().reply(-3L);
        writer.join(ROOM, "1", "{}".getBytes(UTF_8));
        time.advance(Duration.ofMillis(25));
        ScriptedLink.Call call = link.take();
        if (!call.argument(OPERATION).equals("j")) {
            call.reply(-3L);
            time.advance(Duration.ofMillis(25));
            call = link.take();
        }
        assertEquals("j", call.argument(OPERATION));
        assertEquals("1", call.argument(7));
        call.reply(1L, "1-1".getBytes(UTF_8));
        ScriptedLink.Call publication = link.take();
        assertEquals("2", publication.argument(7));
        assertEquals("1", publication.argument(8));
        publication.reply(1L, "1-2".getBytes(UTF_8));
        assertEquals(List.of("a"), happened);
    }

    @Test
    void whoPublishesIsRefusedAfterTwoSecondsOfWaitingAndAnsweredAfterTen() {
        publish("a", 100);
        link.take().reply(-3L);
        assertFalse(writer.refuses());
        for (int i = 0; i < 600 && happened.isEmpty(); i++) {
            time.advance(Duration.ofMillis(20));
            if (i == 110) {
                assertTrue(writer.refuses());
            }
            link.take().reply(-3L);
        }
        assertEquals(List.of("a"), happened);
        assertEquals(100, budget.held(), "held, not lost");
    }
}
