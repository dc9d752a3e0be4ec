package dev.reverb.server.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.ChannelId;
import dev.reverb.server.cluster.Publication;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is acknowledged has its place in the inboxes, whatever the cluster and the loops do meanwhile. */
class PlaceInOrderTest {

    private static Publication publication(String message) {
        return new Publication(new ChannelId("app", "news"), message.getBytes(StandardCharsets.UTF_8), 0, 0);
    }

    @Test
    void whoIsToldThatAnEventIsAcceptedFindsItInTheInboxes() throws Exception {
        try (OneLoop loop = new OneLoop()) {
            loop.subscribe("news");
            loop.hold();
            List<Long> inInboxes = new ArrayList<>();
            assertTrue(loop.channels.publish(List.of(publication("one"), publication("two")),
                    () -> inInboxes.add(loop.inbox.backlogBytes())));
            assertEquals(List.of(6L), inInboxes);
        }
    }

    @Test
    void aTaskInTheInboxRunsBehindWhatWasPublishedBeforeItAndAheadOfWhatIsPublishedAfterIt() throws Exception {
        try (OneLoop loop = new OneLoop()) {
            OneLoop.Client client = loop.subscribe("news");
            loop.await();
            loop.hold();
            loop.channels.publish(List.of(publication("before")), () -> {});
            loop.inbox.inOrder(client::end);
            loop.channels.publish(List.of(publication("after")), () -> {});
            loop.goOn();
            loop.await();
            assertEquals("before", client.received().getLast());
        }
    }
}
