package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.WireClient;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A client that knows nothing of history receives byte for byte the same whether there is one or not. */
@WireTest
class UnmodifiedClientTest {

    private static final String[] PLAIN = {"user_authentication: true", "accept_client_events_from: all"};
    private static final String[] KEEPING = {"user_authentication: true", "accept_client_events_from: all",
            "history: [{channels: \"*\", count: 100, age: 60}]"};

    /** All that two clients receive, in order, with their socket ids left out. */
    private static List<String> seen(TestServer server, boolean somebodyResumes) {
        List<String> seen = new ArrayList<>();
        List<WireClient> clients = List.of(server.connect(), server.connect());
        WireClient first = clients.getFirst();
        String[] ids = clients.stream().map(WireClient::socketId).toArray(String[]::new);
        if (somebodyResumes) {
            WireClient other = server.connect();
            for (String channel : new String[]{"orders", "cache-a"}) {
                other.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + channel
                        + "\",\"resume\":{\"rewind\":{\"count\":5}}}}");
            }
            other.next("pusher_internal:subscription_succeeded");
        }
        server.api().publish("before", "0", "orders");
        for (int i = 0; i < 2; i++) {
            WireClient client = clients.get(i);
            greeted(client.askFor("orders"), "orders", seen, ids);
            greeted(client.askFor("cache-a"), "cache-a", seen, ids);
            greeted(client.askFor("private-a", TestServer.APP.auth(ids[i], "private-a"), null), "private-a", seen, ids);
            String data = "{\"user_id\":\"" + i + "\",\"user_info\":{\"name\":\"n\\u00e9\"}}";
            greeted(client.askFor("presence-a", TestServer.APP.auth(ids[i], "presence-a", data), data), "presence-a",
                    seen, ids);
            client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-a\"}}");
            ping(client, seen, ids);
        }
        ping(first, seen, ids); // it has seen the other one join
        server.api().publish("e", "{\"a\":\"\\u20ac \\\"q\\\"\"}", "orders");
        server.api().publish("e", "1", "cache-a");
        server.api().publish("e", "2", "private-a");
        server.api().publish("e", "3", "presence-a");
        server.api().post("/events", "{\"name\":\"e\",\"channels\":[\"orders\",\"private-a\"],\"data\":\"many\"}");
        server.api()
                .post("/events", "{\"name\":\"e\",\"channel\":\"orders\",\"data\":\"not you\",\"socket_id\":\"" + ids[0]
                        + "\"}");
        server.api()
                .post("/batch_events", "{\"batch\":[{\"name\":\"e\",\"channel\":\"orders\",\"data\":\"b1\"},"
                        + "{\"name\":\"e\",\"channel\":\"orders\",\"data\":\"b2\"}]}");
        for (WireClient client : clients) {
            ping(client, seen, ids);
        }
        first.sendEvent("client-e", "private-a", "{\"n\":1}");
        ping(first, seen, ids);
        ping(clients.getLast(), seen, ids);
        first.unsubscribe("orders");
        first.unsubscribe("presence-a");
        ping(first, seen, ids);
        ping(clients.getLast(), seen, ids);
        server.api().publish("late", "4", "cache-a");
        greeted(first.askFor("orders"), "orders", seen, ids);
        first.unsubscribe("cache-a");
        greeted(first.askFor("cache-a"), "cache-a", seen, ids);
        for (WireClient client : clients) {
            ping(client, seen, ids);
        }
        return seen;
    }

    /** Takes all that came until the answer to a ping. */
    private static void ping(WireClient client, List<String> seen, String[] ids) {
        client.send("{\"event\":\"pusher:ping\"}");
        take(client, seen, ids, "\"pusher:pong\"", "");
    }

    /** Takes all that came until {@code channel} is subscribed to. */
    private static void greeted(WireClient client, String channel, List<String> seen, String[] ids) {
        take(client, seen, ids, "\"pusher_internal:subscription_succeeded\"", "\"channel\":\"" + channel + "\"");
    }

    private static void take(WireClient client, List<String> seen, String[] ids, String part, String other) {
        String text;
        do {
            text = client.next().text();
            seen.add(text.replace(ids[0], "FIRST").replace(ids[1], "SECOND"));
        } while (!text.contains(part) || !text.contains(other));
    }

    /** With several, what one client causes may reach another one behind the answer to its ping. */
    private static TestServer onOneLoop(TestServer server) {
        return server.env("REVERB_EVENT_LOOPS", "1");
    }

    @Test
    void onOneServer(TestServer without, TestServer with, TestServer amongOthers) {
        onOneLoop(without).app(PLAIN);
        onOneLoop(with).app(KEEPING);
        onOneLoop(amongOthers).app(KEEPING);
        List<String> expected = seen(without, false);
        assertTrue(expected.size() > 30, expected.toString());
        assertEquals(String.join("\n", expected), String.join("\n", seen(with, false)));
        assertEquals(String.join("\n", expected), String.join("\n", seen(amongOthers, true)));
    }

    @Test
    void withScaling(TestServer without, TestServer with) throws IOException {
        try (RedisProcess one = RedisProcess.server(); RedisProcess other = RedisProcess.server()) {
            onOneLoop(without).app(PLAIN);
            onOneLoop(with).app(KEEPING);
            ScaledTest.scaled(without, one);
            ScaledTest.scaled(with, other);
            ScaledTest.awaitReached(without);
            ScaledTest.awaitReached(with);
            assertEquals(String.join("\n", seen(without, false)), String.join("\n", seen(with, true)));
        }
    }
}
