package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.Balance;
import dev.reverb.server.cluster.ClusterEvents;
import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.ChannelState;
import dev.reverb.server.cluster.message.Control;
import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Publishers without pause on one node, connections on another that take a millisecond for each message. */
@Tag("long")
final class FloodTest extends Faults {

    private static final Duration RUN = Duration.ofSeconds(6);
    private static final ChannelId CHANNEL = new ChannelId("app", "flood");

    /** Connections that need a millisecond for a message, and say how much waits for them. */
    private static final class SlowConnections implements ClusterEvents, AutoCloseable {
        final LinkedBlockingQueue<Publication> queue = new LinkedBlockingQueue<>();
        final AtomicLong backlog = new AtomicLong();
        final AtomicInteger most = new AtomicInteger();
        final CountDownLatch attached = new CountDownLatch(1);
        final List<Long> latencies = Collections.synchronizedList(new ArrayList<>());
        final AtomicBoolean running = new AtomicBoolean(true);

        SlowConnections() {
            Thread.ofPlatform().daemon().start(this::work);
        }

        private void work() {
            while (running.get()) {
                try {
                    Publication next = queue.poll(100, TimeUnit.MILLISECONDS);
                    if (next != null) {
                        LockSupport.parkNanos(1_000_000);
                        backlog.addAndGet(-next.message().length);
                        long sent = Long.parseLong(new String(next.message(), UTF_8).trim());
                        latencies.add(System.nanoTime() - sent);
                    }
                } catch (InterruptedException e) {
                    return;
                }
            }
        }

        @Override
        public void onPublication(Publication publication) {
            backlog.addAndGet(publication.message().length);
            queue.add(publication);
            most.accumulateAndGet(queue.size(), Math::max);
        }

        @Override
        public void onAttached(ChannelId channel, long attachment, ChannelState state) {
            attached.countDown();
        }

        @Override
        public void onResync(ChannelId channel, ChannelState state) {}

        @Override
        public void onKept(Publication publication, HistoryPoint point) {
            onPublication(publication);
        }

        @Override
        public void onReached(ChannelId channel, HistoryPoint point) {}

        @Override
        public void onCached(Publication publication) {}

        @Override
        public void onCounted(ChannelId channel, int total) {}

        @Override
        public void onJoin(ChannelId channel, Member member) {}

        @Override
        public void onLeave(ChannelId channel, String node, String userId) {}

        @Override
        public void onControl(Control control) {}

        long p99Millis() {
            List<Long> sorted = new ArrayList<>(latencies);
            Collections.sort(sorted);
            return sorted.isEmpty() ? 0 : sorted.get(sorted.size() * 99 / 100) / 1_000_000;
        }

        @Override
        public void close() {
            running.set(false);
        }
    }

    /** What a run came to. */
    private record Result(int acknowledged, SlowConnections connections) {}

    private Result flood(LinkFault fault) throws Exception {
        RedisProcess redis = track(RedisProcess.server());
        SlowConnections slow = track(new SlowConnections());
        RedisCluster a = track(
                fault.start(Configs.single(redis.address()), new RecordingEvents(), () -> 0, Balance.NONE));
        RedisCluster b = track(fault.start(Configs.single(redis.address()), slow, slow.backlog::get, Balance.NONE));
        Await.until(LONG, () -> "Redis not reached", () -> a.linkUp() && b.linkUp());
        b.broker().attach(CHANNEL);
        assertTrue(slow.attached.await(20, TimeUnit.SECONDS));
        AtomicInteger acknowledged = new AtomicInteger();
        Semaphore inFlight = new Semaphore(64);
        long end = System.nanoTime() + RUN.toNanos();
        while (System.nanoTime() < end) {
            if (!inFlight.tryAcquire(1, TimeUnit.SECONDS)) {
                continue;
            }
            byte[] message = String.format("%-64d", System.nanoTime()).getBytes(UTF_8);
            if (!a.broker().publish(List.of(Publication.of(CHANNEL, message)), () -> {
                acknowledged.incrementAndGet();
                inFlight.release();
            })) {
                inFlight.release();
            }
        }
        Await.until(LONG, () -> "unacknowledged", () -> inFlight.availablePermits() == 64);
        if (fault != LinkFault.NO_FLOW_CONTROL) {
            Await.until(LONG, () -> slow.latencies.size() + " of " + acknowledged,
                    () -> slow.latencies.size() == acknowledged.get());
        }
        return new Result(acknowledged.get(), slow);
    }

    @Test
    void everythingAcknowledgedArrivesWithinTwoSecondsAndNothingPilesUp() throws Exception {
        Result result = flood(LinkFault.NONE);
        assertEquals(result.acknowledged, result.connections.latencies.size());
        assertTrue(result.acknowledged > 1_000, result.acknowledged + " acknowledged");
        assertTrue(result.connections.p99Millis() < 2_000, result.connections.p99Millis() + " ms");
        assertTrue(result.connections.most.get() < 2_500, result.connections.most + " waited");
    }

    @Test
    void withFlowControlSwitchedOffMessagesComeTooLate() throws Exception {
        Result result = flood(LinkFault.NO_FLOW_CONTROL);
        assertTrue(result.acknowledged > 2 * result.connections.latencies.size(),
                "delivery kept up: " + result.acknowledged + " and " + result.connections.latencies.size());
    }
}
