package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.server.cluster.redis.SixNodes;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.WebhookReceiver;
import dev.reverb.testkit.WireClient;
import dev.reverb.testkit.redis.RedisProcess;
import dev.reverb.testkit.redis.Sentinels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a back end receives of three servers over a real Redis, while it, Redis or both are away. */
@WireTest
@Tag("slow")
@Timeout(300)
@Execution(ExecutionMode.SAME_THREAD)
class WebhookOverNodesTest {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookOverNodesTest.class);
    private static final int CHANNELS = 4;
    private static final Duration LONG = Duration.ofMinutes(2);

    private interface Fault {
        void strike() throws Exception;
    }

    private static List<TestServer> start(Map<String, String> redis, String webhook, TestServer... servers) {
        for (TestServer server : servers) {
            server.env("REVERB_SCALING_ENABLED", "true")
                    .env("REVERB_SCALING_LEASE", "3s")
                    .env("REVERB_WEBHOOKS_ALLOW_PRIVATE", "true")
                    .app("accept_client_events_from: all", "webhooks:", "  - " + webhook);
            redis.forEach(server::env);
            server.address(); // starts it
        }
        for (TestServer server : servers) {
            Await.until("the servers know each other",
                    () -> server.metric("reverb_scaling_nodes", "") == servers.length);
        }
        return List.of(servers);
    }

    private static Map<String, String> at(RedisProcess redis) {
        return Map.of("REDIS_HOST", "127.0.0.1", "REDIS_PORT", "" + redis.port());
    }

    /** Clients of all servers send events before, while and after the receiver is away and {@code fault} strikes. */
    private static void everythingArrivesOnceInOrder(Map<String, String> redis, Fault fault, TestServer... servers)
            throws Exception {
        try (WebhookReceiver receiver = new WebhookReceiver(TestServer.APP)) {
            List<WireClient> clients = start(redis, "{url: \"" + receiver.url() + "\", events: [client_event]}",
                    servers).stream().map(TestServer::connect).toList();
            for (int c = 0; c < clients.size(); c++) {
                for (int i = 0; i < CHANNELS; i++) {
                    clients.get(c).subscribePrivate(channel(c, i));
                }
            }
            send(clients, 0, 5);
            awaitAll(receiver, clients, 5);
            receiver.dies();
            send(clients, 5, 10);
            fault.strike();
            send(clients, 10, 15);
            receiver.rises();
            awaitAll(receiver, clients, 15);
            assertEquals(List.of(), receiver.problems());
        }
    }

    private static String channel(int client, int i) {
        return "private-c" + client + "-" + i;
    }

    private static void send(List<WireClient> clients, int from, int to) {
        for (int n = from; n < to; n++) {
            for (int c = 0; c < clients.size(); c++) {
                for (int i = 0; i < CHANNELS; i++) {
                    clients.get(c).sendEvent("client-n", channel(c, i), "\"" + n + "\"");
                }
            }
        }
    }

    private static void awaitAll(WebhookReceiver receiver, List<WireClient> clients, int count) {
        for (int c = 0; c < clients.size(); c++) {
            for (int i = 0; i < CHANNELS; i++) {
                String channel = channel(c, i);
                List<String> expected = IntStream.range(0, count)
                        .mapToObj(n -> "client_event " + channel + " client-n " + n)
                        .toList();
                Await.until(LONG, () -> receiver.events(channel).toString(),
                        () -> receiver.events(channel).size() >= count);
                assertEquals(expected, receiver.events(channel));
            }
        }
    }

    @Test
    void aReceiverThatIsAwayGetsAllOnceItIsBack(TestServer a, TestServer b, TestServer c) throws Exception {
        try (RedisProcess redis = RedisProcess.server()) {
            everythingArrivesOnceInOrder(at(redis), () -> {}, a, b, c);
        }
    }

    /** The receiver is away for a minute in which events go on. */
    @Test
    @Tag("long")
    void aReceiverThatIsAwayForAMinuteGetsAllOnceItIsBack(TestServer a, TestServer b, TestServer c) throws Exception {
        try (RedisProcess redis = RedisProcess.server();
                WebhookReceiver receiver = new WebhookReceiver(TestServer.APP)) {
            List<WireClient> clients = start(at(redis), "{url: \"" + receiver.url() + "\", events: [client_event]}", a,
                    b, c).stream().map(TestServer::connect).toList();
            for (int i = 0; i < clients.size(); i++) {
                for (int channel = 0; channel < CHANNELS; channel++) {
                    clients.get(i).subscribePrivate(channel(i, channel));
                }
            }
            send(clients, 0, 5);
            awaitAll(receiver, clients, 5);
            receiver.dies();
            long since = System.nanoTime();
            int n = 5;
            while (System.nanoTime() - since < Duration.ofMinutes(1).toNanos()) {
                send(clients, n, n + 10);
                n += 10;
                long next = since + (n - 5) * Duration.ofMillis(100).toNanos();
                Await.until("the next second", () -> System.nanoTime() - next >= 0);
            }
            receiver.rises();
            long back = System.nanoTime();
            awaitAll(receiver, clients, n);
            LOG.info("{} events while the receiver was away for {} s, all there {} ms after it was back", n * 12,
                    (back - since) / 1_000_000_000, (System.nanoTime() - back) / 1_000_000);
            assertEquals(List.of(), receiver.problems());
            assertEquals(0, a.metric("reverb_webhook_dropped_total", "") + b.metric("reverb_webhook_dropped_total", "")
                    + c.metric("reverb_webhook_dropped_total", ""));
        }
    }

    @Test
    void redisThatIsRestartedWithItsDataLosesNothing(TestServer a, TestServer b, TestServer c) throws Exception {
        try (RedisProcess redis = RedisProcess.server("--appendonly", "yes", "--appendfsync", "always")) {
            everythingArrivesOnceInOrder(at(redis), () -> {
                redis.kill();
                redis.start();
            }, a, b, c);
        }
    }

    @Test
    void redisThatComesBackEmptyIsWrittenAgain(TestServer a, TestServer b, TestServer c) throws Exception {
        try (RedisProcess redis = RedisProcess.server()) {
            everythingArrivesOnceInOrder(at(redis), () -> {
                redis.kill();
                redis.start();
            }, a, b, c);
        }
    }

    @Test
    void sentinelsThatNameAnotherPrimaryLoseNothing(TestServer a, TestServer b, TestServer c) throws Exception {
        try (Sentinels redis = Sentinels.start()) {
            everythingArrivesOnceInOrder(Map.of("REDIS_SENTINEL_NODES", String.join(",", redis.addresses()),
                    "REDIS_SENTINEL_MASTER", "main"), redis::failOver, a, b, c);
        }
    }

    @Test
    void aClusterThatLosesAPrimaryLosesNothing(TestServer a, TestServer b, TestServer c) throws Exception {
        try (SixNodes redis = SixNodes.start()) {
            everythingArrivesOnceInOrder(Map.of("REDIS_CLUSTER_NODES", String.join(",", redis.addresses())),
                    redis::killAPrimary, a, b, c);
        }
    }

    @Test
    void tabsOnSeveralServersAndPagesThatAreLoadedAgainMakeNoNoise(TestServer a, TestServer b, TestServer c)
            throws Exception {
        try (RedisProcess redis = RedisProcess.server();
                WebhookReceiver receiver = new WebhookReceiver(TestServer.APP)) {
            start(at(redis), receiver.url(), a, b, c);
            String room = "presence-room";
            String user = "{\"user_id\":\"7\"}";
            List<String> expected = new ArrayList<>(List.of("channel_occupied " + room, "member_added " + room + " 7"));
            WireClient tab = a.connect();
            tab.subscribePresence(room, user);
            WireClient other = b.connect();
            other.subscribePresence(room, user);
            Await.until(LONG, () -> receiver.events(room).toString(), () -> receiver.events(room).equals(expected));
            tab.close();
            awaitGrace(c, receiver, "after-the-tab");
            assertEquals(expected, receiver.events(room));
            other.close();
            WireClient again = c.connect();
            again.subscribePresence(room, user);
            awaitGrace(a, receiver, "after-the-reload");
            assertEquals(expected, receiver.events(room));
            again.close();
            expected.addAll(List.of("member_removed " + room + " 7", "channel_vacated " + room));
            Await.until(LONG, () -> receiver.events(room).toString(), () -> receiver.events(room).equals(expected));
            assertEquals(List.of(), receiver.problems());
        }
    }

    /** Until a channel is vacated that was left after all that happened so far. */
    private static void awaitGrace(TestServer server, WebhookReceiver receiver, String channel) {
        WireClient client = server.connect();
        client.subscribe(channel);
        Await.until(LONG, () -> receiver.events().toString(),
                () -> receiver.events(channel).contains("channel_occupied " + channel));
        client.close();
        Await.until(LONG, () -> receiver.events().toString(),
                () -> receiver.events(channel).contains("channel_vacated " + channel));
    }
}
