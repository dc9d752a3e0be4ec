package dev.reverb.server.channel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.ChannelState;
import dev.reverb.server.cluster.message.Publication;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The cached event follows the order of the log, in which this node's own stand last until the log has reached them.
 */
class CacheOrderTest {

    private static final ChannelId CHANNEL = new ChannelId("app", "cache-news");

    private static Publication event(String message) {
        return new Publication(CHANNEL, message.getBytes(UTF_8), 0, 60_000);
    }

    private static String cached(OneLoop loop) throws Exception {
        OneLoop.Client client = loop.subscribe("cache-news");
        loop.await();
        String last = client.received().getLast();
        client.end();
        return last;
    }

    @Test
    void anEventOfAnotherNodeIsNotTheCachedOneWhileTheLogHasNotReachedThisNodesOwn() throws Exception {
        try (OneLoop loop = new OneLoop()) {
            OneLoop.Client stays = loop.subscribe("cache-news");
            loop.await();
            loop.channels.publish(List.of(event("own")), () -> {});
            loop.channels.onPublication(event("other"));
            assertEquals("own", cached(loop));
            assertEquals(List.of("own", "other"), stays.received().subList(2, 4), "both are delivered as they come");
            loop.channels.onResync(CHANNEL, new ChannelState(List.of(), "other".getBytes(UTF_8), Long.MAX_VALUE));
            assertEquals("own", cached(loop));
            loop.channels.onCached(event("own"));
            assertEquals("own", cached(loop));
            loop.channels.onPublication(event("next"));
            assertEquals("next", cached(loop));
        }
    }

    @Test
    void anEventThatTheLogReachedAfterThoseOfOthersIsTheCachedOne() throws Exception {
        try (OneLoop loop = new OneLoop()) {
            loop.subscribe("cache-news");
            loop.await();
            loop.channels.publish(List.of(event("one")), () -> {});
            loop.channels.publish(List.of(event("two")), () -> {});
            loop.channels.onCached(event("one"));
            loop.channels.onPublication(event("other"));
            assertEquals("two", cached(loop), "it is behind the other");
            loop.channels.onCached(event("two"));
            assertEquals("two", cached(loop));
        }
    }
}
