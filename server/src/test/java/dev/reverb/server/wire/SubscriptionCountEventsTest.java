package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code pusher_internal:subscription_count}: how many are subscribed, sent to those who are. */
@WireTest
class SubscriptionCountEventsTest {

    private static final String COUNT = "pusher_internal:subscription_count";
    private static final String ENABLED = "subscription_count_events: true";

    private static int count(Received message) {
        assertEquals("{\"subscription_count\":" + message.dataJson().path("subscription_count").asInt() + "}",
                message.data());
        return message.dataJson().path("subscription_count").asInt();
    }

    private static int nextCount(WireClient client, String channel) {
        Received message = client.next(COUNT);
        assertEquals(channel, message.channel());
        return count(message);
    }

    @Test
    void everySubscriberReceivesEachChange(TestServer server) {
        server.app(ENABLED);
        WireClient one = server.connect();
        one.subscribe("a");
        assertEquals(1, nextCount(one, "a"));
        WireClient two = server.connect();
        two.subscribePrivate("private-a");
        assertEquals(1, nextCount(two, "private-a"));
        two.subscribe("a");
        assertEquals(2, nextCount(two, "a"));
        assertEquals(2, nextCount(one, "a"));
        two.unsubscribe("a").assertNothingMore();
        assertEquals(1, nextCount(one, "a"));
        two.subscribe("a");
        assertEquals(2, nextCount(two, "a"));
        assertEquals(2, nextCount(one, "a"));
        two.close();
        assertEquals(1, nextCount(one, "a"));
        one.assertNothingMore();
    }

    @Test
    void aNewSubscriberReceivesItBehindTheCachedEvent(TestServer server) {
        server.app(ENABLED);
        WireClient one = server.connect();
        one.askFor("cache-a").next("pusher_internal:subscription_succeeded");
        one.next("pusher:cache_miss");
        assertEquals(1, nextCount(one, "cache-a"));
    }

    @Test
    void thereIsNoneOnPresenceChannelsAndWhereItIsNotEnabled(TestServer server, TestServer other) {
        server.app(ENABLED);
        WireClient member = server.connect();
        member.subscribePresence("presence-a", "{\"user_id\":1}");
        member.assertNothingMore();
        WireClient client = other.connect();
        client.subscribe("a");
        client.assertNothingMore();
    }

    @Test
    void beyondAHundredTheLastValueComesWithinFiveSecondsAndNotEveryOneBeforeIt(TestServer server) {
        server.app(ENABLED);
        WireClient watcher = server.connect();
        watcher.subscribe("a");
        long start = System.nanoTime();
        for (int i = 1; i <= 119; i++) {
            server.connect().askFor("a");
        }
        for (int n = 1; n <= 100; n++) {
            assertEquals(n, nextCount(watcher, "a"));
        }
        List<Integer> beyond = new ArrayList<>();
        do {
            beyond.add(nextCount(watcher, "a"));
        } while (beyond.getLast() < 120);
        assertEquals(beyond.stream().sorted().distinct().toList(), beyond);
        // one, where they all come within five seconds
        long fives = (System.nanoTime() - start) / 5_000_000_000L;
        assertTrue(beyond.size() <= 1 + fives, beyond + " in " + fives + " times five seconds");
    }

    @Test
    void itCountsOverTheNodesAndOneThatStopsCountsNoMore(TestServer one, TestServer other) throws IOException {
        try (RedisProcess redis = RedisProcess.server()) {
            for (TestServer server : new TestServer[]{one, other}) {
                ScaledTest.scaled(server, redis);
                server.app(ENABLED);
                ScaledTest.awaitReached(server);
            }
            WireClient here = one.connect();
            here.subscribe("a");
            assertEquals(1, nextCount(here, "a"));
            WireClient there = other.connect();
            there.subscribe("a");
            int first = nextCount(there, "a");
            assertEquals(2, first == 1 ? nextCount(there, "a") : first); // 1: what was known as it came
            assertEquals(2, nextCount(here, "a"));
            other.stop();
            assertEquals(1, nextCount(here, "a"));
        }
    }
}
