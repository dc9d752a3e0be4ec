package dev.reverb.server.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.server.cluster.Broker;
import dev.reverb.server.cluster.Cluster;
import dev.reverb.server.cluster.ClusterQueries;
import dev.reverb.server.cluster.ClusterStatistics;
import dev.reverb.server.cluster.Histories;
import dev.reverb.server.cluster.SharedState;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.ChannelState;
import dev.reverb.server.cluster.message.Publication;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A channel that is left and entered again while its first attach is under way. */
class LateAttachTest {

    private static final ChannelId CHANNEL = new ChannelId("app", "news");

    /** A cluster that answers no attach by itself. */
    private record Silent(Cluster cluster, List<Long> attachments) implements Cluster, Broker {

        @Override
        public void attach(ChannelId channel, long attachment) {
            attachments.add(attachment);
        }

        @Override
        public void detach(ChannelId channel) {}

        @Override
        public boolean publish(List<Publication> batch, Runnable acknowledged) {
            return cluster.broker().publish(batch, acknowledged);
        }

        @Override
        public String node() {
            return cluster.node();
        }

        @Override
        public Broker broker() {
            return this;
        }

        @Override
        public SharedState state() {
            return cluster.state();
        }

        @Override
        public ClusterQueries queries() {
            return cluster.queries();
        }

        @Override
        public Histories histories() {
            return cluster.histories();
        }

        @Override
        public boolean othersServe() {
            return true;
        }

        @Override
        public boolean linkUp() {
            return true;
        }

        @Override
        public Optional<ClusterStatistics> meters() {
            return Optional.empty();
        }

        @Override
        public void close(Duration linger) {}
    }

    @Test
    void theAnswerToTheFirstAttachIsNoneToTheSecond() throws Exception {
        List<Long> attachments = new ArrayList<>();
        try (OneLoop loop = new OneLoop(cluster -> new Silent(cluster, attachments))) {
            OneLoop.Client leaves = loop.subscribe("news");
            loop.inbox.inOrder(leaves::end);
            loop.await();
            OneLoop.Client stays = loop.subscribe("news");
            assertEquals(2, attachments.size());
            loop.channels.onAttached(CHANNEL, attachments.getFirst(), ChannelState.EMPTY);
            loop.await();
            assertEquals(List.of(), stays.received(), "it would miss what is published until the second is answered");
            loop.channels.onAttached(CHANNEL, attachments.getLast(), ChannelState.EMPTY);
            loop.await();
            assertEquals(1, stays.received().size());
        }
    }
}
