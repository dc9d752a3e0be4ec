package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.WireClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a client gets first from a channel that has much to say. */
@WireTest
class GreetingTest {

    private static void fill(TestServer server, String channel, int members, int size) {
        String info = "x".repeat(size);
        WireClient one = null;
        for (int i = 0; i < members; i++) {
            one = server.connect().onlyCounting();
            String data = "{\"user_id\":\"" + channel + i + "\",\"user_info\":\"" + info + "\"}";
            one.askFor(channel, TestServer.APP.auth(one.socketId(), channel, data), data);
        }
        Await.until("all have joined",
                () -> server.api()
                        .get("/channels/" + channel, "info", "user_count")
                        .json()
                        .path("user_count")
                        .asInt() == members);
    }

    private static void join(WireClient client, String channel) {
        String data = "{\"user_id\":\"me\"}";
        client.askFor(channel, TestServer.APP.auth(client.socketId(), channel, data), data);
    }

    @Test
    void aGreetingMayBeLargerThanWhatElseMayWait(TestServer server) {
        server.app("max_presence_member_size: 800000", "max_message_size: 1000000");
        fill(server, "presence-a", 10, 700_000);
        fill(server, "presence-b", 10, 700_000);
        WireClient client = server.connectWithSmallBuffer();
        client.pauseReading();
        join(client, "presence-a");
        join(client, "presence-b");
        client.send("{\"event\":\"pusher:ping\"}");
        Await.until("it waits for its reader",
                () -> server.api()
                        .get("/channels/presence-a", "info", "user_count")
                        .json()
                        .path("user_count")
                        .asInt() == 11);
        client.resumeReading();
        assertEquals("presence-a", client.next("pusher_internal:subscription_succeeded").channel());
        assertEquals("presence-b", client.next("pusher_internal:subscription_succeeded").channel());
        client.next("pusher:pong");
        client.assertNothingMore();
    }

    @Test
    void whoReadsNothingIsStillClosedAsSlow(TestServer server) {
        server.app("max_presence_member_size: 800000", "max_message_size: 1000000");
        fill(server, "presence-a", 10, 700_000);
        WireClient client = server.connectWithSmallBuffer();
        client.pauseReading();
        join(client, "presence-a");
        for (int i = 0; i < 100; i++) {
            join(client, "presence-a");
        }
        for (int i = 0; i < 1_000; i++) { // more than the system's own buffers take of what waits
            server.api().publish("e", "x".repeat(9_000), "presence-a");
        }
        Await.until("it is closed", () -> server.metric("reverb_slow_readers_total", "") >= 1);
    }

    @Test
    void subscribingAgainAndAgainIsAnsweredOnceASecond(TestServer server) {
        fill(server, "presence-a", 50, 500);
        WireClient client = server.connect();
        join(client, "presence-a");
        client.next("pusher_internal:subscription_succeeded");
        for (int i = 0; i < 200; i++) {
            join(client, "presence-a");
        }
        client.send("{\"event\":\"pusher:ping\"}");
        List<String> events = new ArrayList<>();
        do {
            events.add(client.next().event());
        } while (!events.getLast().equals("pusher:pong"));
        assertTrue(events.size() <= 4, events.toString());
        client.next("pusher_internal:subscription_succeeded"); // the answer to all the others
    }
}
