package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.CutProxy;
import dev.reverb.testkit.redis.RedisProcess;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A partition's first subscriber comes at a bad moment. */
final class FirstReadTest extends Faults {

    private static final ChannelId CHANNEL = new ChannelId("app", "news");

    private final AtomicInteger acknowledged = new AtomicInteger();
    private final RecordingEvents heard = new RecordingEvents();
    private RedisProcess redis;
    /** Between Redis and {@link #node}. */
    private CutProxy link;
    private RedisCluster publisher;
    private RedisCluster node;

    @BeforeEach
    void start() throws Exception {
        redis = track(RedisProcess.server());
        link = track(new CutProxy(redis.port()));
        publisher = track(Configs.connected(Configs.single(redis.address()), new RecordingEvents()));
        node = track(Configs.connected(Configs.single(link.address()), heard));
    }

    private void publish(String message) {
        int before = acknowledged.get();
        assertTrue(publisher.broker()
                .publish(List.of(Publication.of(CHANNEL, message.getBytes(UTF_8))), acknowledged::incrementAndGet));
        Await.until(LONG, () -> "not acknowledged", () -> acknowledged.get() > before);
    }

    /** Returns once the subscribers have their answer. */
    private void attach() {
        node.broker().attach(CHANNEL);
        Await.until(LONG, () -> "not attached", () -> !heard.attached(CHANNEL).isEmpty());
    }

    @Test
    void whoSubscribesWhileTheLinkHangsGetsWhatIsPublishedFromThenOn() throws Exception {
        publish("before");
        link.hold();
        attach();
        try {
            publish("one");
            publish("two");
        } finally {
            link.resume();
        }
        Await.until(LONG, () -> "lost: " + heard.messages(CHANNEL), () -> heard.count(CHANNEL) >= 2);
        publish("three");
        Await.until(LONG, () -> "lost: " + heard.messages(CHANNEL), () -> heard.count(CHANNEL) >= 3);
        assertEquals(List.of("one", "two", "three"), heard.messages(CHANNEL));
    }

    @Test
    void whoSubscribesWhileRedisTakesNothingIsToldAndGetsWhatIsPublishedFromThenOn() throws Exception {
        redis.command("CONFIG", "SET", "min-replicas-to-write", "1");
        link.cut();
        Await.until(LONG, () -> "still up", () -> node.statistics().outages() > 0);
        link.mend();
        Await.until(LONG, () -> "not refused", () -> node.statistics().errors().getOrDefault("NOREPLICAS", 0L) > 0);
        attach();
        publish("one");
        redis.command("CONFIG", "SET", "min-replicas-to-write", "0");
        Await.until(LONG, () -> "lost: " + heard.messages(CHANNEL), () -> heard.count(CHANNEL) == 1);
    }

    /** Redis takes no write for any of these reasons, and answers reads. */
    @ParameterizedTest
    @CsvSource({"maxmemory,1,0", "min-replicas-to-write,1,0"})
    void whoSubscribesWhileRedisTakesNoWritesSeesTheMembersThatThereAre(String setting, String refuses, String takes)
            throws Exception {
        ChannelId room = new ChannelId("app", "presence-room");
        publisher.broker().attach(room);
        publisher.state().join(room, member(publisher, "1"));
        Await.until(LONG, () -> "not a member",
                () -> node.queries().users(room).toCompletableFuture().join().size() == 1);
        redis.command("CONFIG", "SET", setting, refuses);
        try {
            node.broker().attach(room);
            Await.until(LONG, () -> "not attached", () -> !heard.attached(room).isEmpty());
            assertEquals(List.of("1"), heard.attached(room).getFirst().members().stream().map(Member::userId).toList());
        } finally {
            redis.command("CONFIG", "SET", setting, takes);
        }
    }
}
