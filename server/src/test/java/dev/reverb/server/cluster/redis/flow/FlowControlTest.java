package dev.reverb.server.cluster.redis.flow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.Backlog;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.base.ManualNode;
import dev.reverb.server.cluster.redis.base.ManualScheduler;
import dev.reverb.server.cluster.redis.link.ScriptedLink;
import java.time.Duration;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Who is to blame for lag, and for how long a node listens to another that lags. */
class FlowControlTest {

    private static final ChannelId LOUD = new ChannelId("x", "loud");
    private static final ChannelId OTHER = new ChannelId("y", "news");

    private final ManualScheduler time = new ManualScheduler();
    private final ClusterNode node = ManualNode.of(time);
    private int gates;
    private int opened;

    /** Clients of one channel have not read; nothing else waits. */
    private static final class Unread implements Backlog {
        private long unwritten;
        private long delivered;

        @Override
        public long bytes() {
            return 1_000_000;
        }

        @Override
        public long unwrittenBytes() {
            return unwritten;
        }

        @Override
        public long deliveredBytes() {
            return delivered;
        }

        @Override
        public boolean unreadIn(Predicate<ChannelId> channels) {
            return unwritten == 0 && channels.test(LOUD);
        }
    }

    private final Unread backlog = new Unread();
    private final ConsumerLag lag = new ConsumerLag(backlog, node.limits(), time);
    private final FlowControl flow = new FlowControl(node, new ScriptedLink(), lag, new FlowControl.Partitions() {
        @Override
        public void gate(int partition) {
            gates++;
        }

        @Override
        public void ungate(int partition) {
            opened++;
        }

        @Override
        public void catchUp(int partition) {}
    });

    @Test
    void whatClientsOfOneChannelDoNotReadConcernsItsPartitionOnly() {
        assertTrue(lag.high(Keyspace.partition(LOUD)));
        assertFalse(lag.high(Keyspace.partition(OTHER)));
        assertTrue(lag.low(Keyspace.partition(OTHER)));
    }

    @Test
    void whatThisNodePublishesItselfIsNoFaultOfOthers() {
        backlog.unwritten = 1_000_000;
        lag.handed(Keyspace.partition(OTHER), 1_000);
        backlog.delivered = 900_000;
        assertFalse(lag.high(Keyspace.partition(OTHER)));
    }

    @Test
    void whatOthersPublishTooFastIsLeftInTheLogWhereThereIsMuchOfIt() {
        backlog.unwritten = 1_000_000;
        int much = Keyspace.partition(LOUD);
        int little = Keyspace.partition(OTHER);
        for (int i = 0; i < 1_000; i++) {
            lag.handed(much, 1_000);
            backlog.delivered += 1_000;
        }
        lag.handed(little, 100);
        assertTrue(lag.high(much));
        assertFalse(lag.high(little));
    }

    @Test
    void aNodeThatLagsWithoutABreakIsListenedToForFiveSecondsAndAgainAfterThirty() {
        byte[] lags = "L00000000000000aa 7 1".getBytes(UTF_8);
        for (int i = 0; i < 60; i++) {
            flow.onMessage(lags);
            time.advance(Duration.ofMillis(200));
        }
        assertTrue(gates >= 24 && gates <= 27, () -> gates + " gates in 12 s");
        for (int i = 0; i < 150; i++) {
            flow.onMessage(lags);
            time.advance(Duration.ofMillis(200));
        }
        assertTrue(gates > 27 && gates <= 54, () -> gates + " gates in 42 s");
    }

    @Test
    void aNodeThatCatchesUpFromTimeToTimeIsAlwaysListenedTo() {
        for (int i = 0; i < 20; i++) {
            flow.onMessage("L00000000000000aa 7 1".getBytes(UTF_8));
            time.advance(Duration.ofMillis(900));
            flow.onMessage("L00000000000000aa 7 0".getBytes(UTF_8));
        }
        assertEquals(20, gates);
        assertEquals(20, opened);
    }
}
