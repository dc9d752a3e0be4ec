package dev.reverb.server.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes wrong with one connection, one message or one task concerns that one, and no number is left wrong. */
class LoopFaultsTest {

    private static Publication publication(String channel, String message) {
        return new Publication(new ChannelId("app", channel), message.getBytes(StandardCharsets.UTF_8), 0, 0);
    }

    @ParameterizedTest
    @EnumSource(OneLoop.Fault.class)
    void aConnectionThatFailsIsAbortedAndTheOthersGetEverything(OneLoop.Fault fault) throws Exception {
        try (OneLoop loop = new OneLoop()) {
            OneLoop.Client first = loop.subscribe("news");
            OneLoop.Client broken = loop.subscribe("news");
            OneLoop.Client last = loop.subscribe("news");
            loop.await();
            broken.fails(fault);
            loop.channels.publish(List.of(publication("news", "one")), () -> {});
            loop.await();
            loop.channels.publish(List.of(publication("news", "two")), () -> {});
            loop.await();
            for (OneLoop.Client client : List.of(first, last)) {
                assertEquals(List.of("one", "two"), client.received().subList(1, client.received().size()));
            }
            assertTrue(broken.aborted());
            assertEquals(0, loop.inbox.backlogBytes());
            assertTrue(loop.meters.faults() > 0);
            assertEquals(0, loop.buffersInUse(), "every reference to the shared buffer was given back");
        }
    }

    @Test
    void aBatchThatHasNoMemoryForOneChannelAbortsItsSubscribersAndServesTheOtherChannels() throws Exception {
        try (OneLoop loop = new OneLoop()) {
            OneLoop.Client large = loop.subscribe("large");
            OneLoop.Client small = loop.subscribe("small");
            loop.await();
            loop.hold();
            loop.largestBuffer = 1_000;
            loop.channels.publish(List.of(publication("large", "x".repeat(2_000)), publication("small", "one")),
                    () -> {});
            loop.goOn();
            loop.await();
            assertEquals("one", small.received().getLast());
            assertTrue(large.aborted(), "it would not know otherwise that it missed something");
            assertEquals(0, loop.inbox.backlogBytes());
            loop.channels.publish(List.of(publication("small", "two")), () -> {});
            loop.await();
            assertEquals("two", small.received().getLast());
        }
    }

    @Test
    void aGreetingThatFailsAbortsOneConnection() throws Exception {
        try (OneLoop loop = new OneLoop()) {
            OneLoop.Client there = loop.subscribe("news");
            loop.await();
            loop.largestBuffer = 10;
            OneLoop.Client joins = loop.subscribe("news");
            loop.await();
            loop.largestBuffer = Integer.MAX_VALUE;
            assertTrue(joins.aborted());
            loop.channels.publish(List.of(publication("news", "one")), () -> {});
            loop.await();
            assertEquals("one", there.received().getLast());
        }
    }

    @Test
    void aTaskThatThrowsAnErrorEndsNothing() throws Exception {
        try (OneLoop loop = new OneLoop()) {
            OneLoop.Client client = loop.subscribe("news");
            loop.inbox.execute(() -> {
                throw new AssertionError("a task");
            });
            loop.inbox.inOrder(() -> {
                throw new AssertionError("a task in the inbox");
            });
            loop.channels.publish(List.of(publication("news", "one")), () -> {});
            loop.await();
            assertEquals("one", client.received().getLast());
            assertEquals(2, loop.meters.faults());
        }
    }
}
