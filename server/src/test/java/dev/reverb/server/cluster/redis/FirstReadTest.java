package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.Await;
import dev.reverb.server.cluster.ChannelId;
import dev.reverb.server.cluster.Publication;
import dev.reverb.server.cluster.RecordingEvents;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A partition's first subscriber comes at a bad moment. */
final class FirstReadTest extends Faults {

    private static final ChannelId CHANNEL = new ChannelId("app", "news");

    private final AtomicInteger acknowledged = new AtomicInteger();
    private final RecordingEvents heard = new RecordingEvents();

    private void publish(RedisCluster node, String message) {
        int before = acknowledged.get();
        assertTrue(node.broker().publish(List.of(Publication.of(CHANNEL, message.getBytes(UTF_8))),
                acknowledged::incrementAndGet));
        Await.until(LONG, () -> "not acknowledged", () -> acknowledged.get() > before);
    }

    /** Attaches the channel by a link that does {@code trouble}; returns once its subscribers were told. */
    private void attach(RedisCluster node, Runnable trouble) {
        trouble.run();
        node.broker().attach(CHANNEL);
        Await.until(LONG, () -> "not attached", () -> !heard.attached(CHANNEL).isEmpty());
    }

    @Test
    void whoSubscribesWhileTheLinkHangsGetsWhatIsPublishedFromThenOn() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        CutProxy link = track(new CutProxy(redis.port()));
        RedisCluster publisher = track(Configs.connected(Configs.single(redis.address()), new RecordingEvents()));
        RedisCluster node = track(Configs.connected(Configs.single(link.address()), heard));
        publish(publisher, "before");
        attach(node, link::hold);
        try {
            publish(publisher, "one");
            publish(publisher, "two");
        } finally {
            link.resume();
        }
        Await.until(LONG, () -> "lost: " + heard.messages(CHANNEL), () -> heard.count(CHANNEL) >= 2);
        publish(publisher, "three");
        Await.until(LONG, () -> "lost: " + heard.messages(CHANNEL), () -> heard.count(CHANNEL) >= 3);
        assertEquals(List.of("one", "two", "three"), heard.messages(CHANNEL));
    }

    @Test
    void whoSubscribesWhileRedisTakesNothingIsToldAndGetsWhatIsPublishedFromThenOn() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        CutProxy link = track(new CutProxy(redis.port()));
        RedisCluster publisher = track(Configs.connected(Configs.single(redis.address()), new RecordingEvents()));
        RedisCluster node = track(Configs.connected(Configs.single(link.address()), heard));
        redis.command("CONFIG", "SET", "min-replicas-to-write", "1");
        link.cut();
        Await.until(LONG, () -> "still up", () -> node.statistics().outages() > 0);
        long before = node.statistics().commands();
        link.mend();
        Await.until(LONG, () -> "not reached again", () -> node.statistics().commands() > before);
        attach(node, () -> {});
        publish(publisher, "one");
        redis.command("CONFIG", "SET", "min-replicas-to-write", "0");
        Await.until(LONG, () -> "lost: " + heard.messages(CHANNEL), () -> heard.count(CHANNEL) == 1);
    }
}
