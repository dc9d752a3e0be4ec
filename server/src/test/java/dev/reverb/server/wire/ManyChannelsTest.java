package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.WireClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Answers that are as large as what an application has hold up nobody else. */
@WireTest
@Isolated("it measures times")
class ManyChannelsTest {

    private static final int CHANNELS = 100_000;
    private static final int PER_CONNECTION = 5_000;

    /** Milliseconds that each of many pings took, sorted. */
    private static long[] pings(WireClient client, Duration howLong) throws InterruptedException {
        List<Long> times = new ArrayList<>();
        long end = System.nanoTime() + howLong.toNanos();
        while (System.nanoTime() < end) {
            long before = System.nanoTime();
            client.send("{\"event\":\"pusher:ping\"}").next("pusher:pong");
            times.add((System.nanoTime() - before) / 1_000_000);
            Thread.sleep(2); // a pace: nothing is awaited
        }
        return times.stream().mapToLong(Long::longValue).sorted().toArray();
    }

    private static long p99(long[] sorted) {
        return sorted[sorted.length * 99 / 100];
    }

    @Test
    @Tag("slow")
    void askingForManyChannelsHoldsUpNobody(TestServer server) throws Exception {
        server.env("REVERB_EVENT_LOOPS", "1").env("REVERB_OUTBOUND_BUFFER", "64MiB");
        for (int i = 0; i < CHANNELS / PER_CONNECTION; i++) {
            WireClient client = server.connect().onlyCounting();
            for (int c = 0; c < PER_CONNECTION; c++) {
                client.askFor("channel-" + i + "-" + c);
            }
            client.awaitCount(1 + PER_CONNECTION, Duration.ofSeconds(60));
        }
        WireClient neighbour = server.connect();
        assertEquals(200, server.api().get("/channels").status());
        long[] calm = pings(neighbour, Duration.ofSeconds(2));
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger answers = new AtomicInteger();
        List<Thread> asking = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            asking.add(Thread.ofVirtual().start(() -> {
                while (!done.get()) {
                    HttpReply reply = server.api().get("/channels");
                    assertEquals(200, reply.status());
                    answers.incrementAndGet();
                }
            }));
        }
        long[] busy = pings(neighbour, Duration.ofSeconds(4));
        done.set(true);
        for (Thread thread : asking) {
            thread.join();
        }
        assertTrue(answers.get() > 2, answers + " answers");
        assertTrue(p99(busy) < p99(calm) + 100 && busy[busy.length - 1] < 1_000,
                () -> "p99 " + p99(busy) + " ms, the longest " + Arrays.stream(busy).max().orElseThrow()
                        + " ms; calm p99 " + p99(calm) + " ms; " + answers + " answers");
    }

    @Test
    void aTerminationIsAnsweredWhenAllAreClosedHoweverManyTheyAre(TestServer server) {
        List<WireClient> clients = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            WireClient client = server.connect();
            client.subscribePresence("presence-room", "{\"user_id\":\"7\"}");
            clients.add(client);
        }
        WireClient other = server.connect();
        other.subscribePresence("presence-room", "{\"user_id\":\"8\"}");
        HttpReply reply = server.api().post("/users/7/terminate_connections", "{}");
        assertEquals(200, reply.status(), reply.toString());
        server.api().publish("after", "1", "presence-room");
        other.next("pusher_internal:member_removed");
        other.next("after");
        for (WireClient client : clients) {
            client.next("pusher_internal:member_added");
            client.next("pusher:error"); // and not what was published after the answer
            client.awaitClose(4009);
        }
    }
}
