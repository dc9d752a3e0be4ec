package dev.reverb.server.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
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

    @Test
    void whoPublishesFasterThanTheLoopsSendIsAnsweredAsFastAsTheySend() throws Exception {
        try (OneLoop loop = new OneLoop()) {
            loop.subscribe("news");
            loop.await();
            loop.channels.bound(List.of(loop.inbox), Long.MAX_VALUE);
            loop.hold();
            AtomicInteger acknowledged = new AtomicInteger();
            String kilobyte = "x".repeat(1024);
            for (int i = 0; i < 1_000; i++) {
                assertTrue(loop.channels.publish(List.of(publication(kilobyte)), acknowledged::incrementAndGet));
            }
            assertEquals(LocalBacklog.PATIENT / 1024, acknowledged.get(), "the others wait for the loop");
            loop.goOn();
            loop.await();
            assertEquals(1_000, acknowledged.get());
        }
    }

    @Test
    void noMoreWaitsForALoopThanMayAndWhatIsRefusedIsNotDelivered() throws Exception {
        try (OneLoop loop = new OneLoop()) {
            OneLoop.Client client = loop.subscribe("news");
            loop.await();
            loop.channels.bound(List.of(loop.inbox), 100_000);
            loop.hold();
            int accepted = 0;
            String kilobyte = "x".repeat(1024);
            while (loop.channels.publish(List.of(publication(kilobyte)), () -> {})) {
                accepted++;
            }
            assertEquals(98, accepted);
            loop.goOn();
            loop.await();
            assertEquals(accepted, client.received().size() - 1);
            assertTrue(loop.channels.publish(List.of(publication("again")), () -> {}));
        }
    }
}
