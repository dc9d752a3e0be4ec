package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A node that lags, and whose subscribers go. */
final class LaggardTest extends Faults {

    private static final ChannelId CHANNEL = new ChannelId("app", "news");

    @Test
    void whoLeavesAPartitionInWhichItLaggedHoldsUpItsPublishersNoMore() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        AtomicLong backlog = new AtomicLong();
        RecordingEvents heard = new RecordingEvents();
        RedisCluster publisher = track(Configs.connected(Configs.single(redis.address()), new RecordingEvents()));
        RedisCluster lags = track(
                LinkFault.NONE.start(Configs.single(redis.address()), heard, backlog::get, Balance.NONE));
        Await.until(LONG, () -> "Redis not reached", lags::linkUp);
        lags.broker().attach(CHANNEL);
        Await.until(LONG, () -> "not attached", () -> !heard.attached(CHANNEL).isEmpty());
        backlog.set(8 << 20);
        AtomicInteger acknowledged = new AtomicInteger();
        List<Publication> one = List.of(Publication.of(CHANNEL, "1".getBytes(UTF_8)));
        assertTrue(publisher.broker().publish(one, acknowledged::incrementAndGet));
        Await.until(LONG, () -> "it does not lag", () -> lags.statistics().laggingPartitions() == 1);
        lags.broker().detach(CHANNEL);
        Await.until(LONG, () -> "it lags for ever", () -> lags.statistics().laggingPartitions() == 0);
        assertTrue(publisher.broker().publish(one, acknowledged::incrementAndGet));
        Await.until(LONG, () -> "held up for ever", () -> acknowledged.get() == 2);
    }
}
