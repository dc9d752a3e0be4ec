package dev.reverb.server.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When a termination counts as done: when every node that lives carries it out. */
final class TerminationTest extends Faults {

    private static final Control USER = new Control.TerminateUser("app", "7");

    @Test
    void itIsAcknowledgedWhenItIsWrittenForAllAndNotBefore() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        RedisCluster node = track(Configs.connected(Configs.single(redis.address()), new RecordingEvents()));
        RecordingEvents heard = new RecordingEvents();
        track(Configs.connected(Configs.single(redis.address()), heard));
        redis.pause();
        CountDownLatch acknowledged = new CountDownLatch(1);
        node.state().broadcast(USER, acknowledged::countDown);
        assertFalse(acknowledged.await(500, TimeUnit.MILLISECONDS), "Redis has not answered");
        redis.resume();
        Await.until(LONG, () -> "not acknowledged", () -> acknowledged.getCount() == 0);
        Await.until(LONG, () -> "" + heard.controls(), () -> heard.controls().equals(List.of(USER)));
    }

    @Test
    void withRedisAwayItIsHeldAndCarriedOutOnceWhenItIsBack() throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        RedisCluster node = track(Configs.connected(Configs.single(redis.address()), new RecordingEvents()));
        RecordingEvents heard = new RecordingEvents();
        RedisCluster other = track(Configs.connected(Configs.single(redis.address()), heard));
        redis.kill();
        Await.until(LONG, () -> "still up", () -> !node.linkUp() && !other.linkUp());
        CountDownLatch acknowledged = new CountDownLatch(1);
        node.state().broadcast(USER, acknowledged::countDown);
        Await.until(LONG, () -> "not held", () -> acknowledged.getCount() == 0);
        redis.start();
        Await.until(LONG, () -> "" + heard.controls(), () -> heard.controls().equals(List.of(USER)));
        assertEquals(0, acknowledged.getCount());
    }
}
