package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.IOException;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** {@code pusher_internal:watchlist_events}: signed-in users receive who of their watchlist comes and goes. */
@WireTest
class WatchlistTest {

    private static final long LINGER_NANOS = 3_000_000_000L;

    private static WireClient signedIn(TestServer server, String id, String watchlist) {
        WireClient client = server.connect();
        signIn(client, id, watchlist);
        assertEquals("pusher:signin_success", client.next().event());
        return client;
    }

    private static void signIn(WireClient client, String id, String watchlist) {
        String data = "{\"id\":\"" + id + "\",\"watchlist\":" + watchlist + "}";
        client.send("{\"event\":\"pusher:signin\",\"data\":{\"auth\":"
                + Json.quote(TestServer.APP.userAuth(client.socketId(), data)) + ",\"user_data\":" + Json.quote(data)
                + "}}");
    }

    /** The next message as {@code {offline=[…], online=[…]}}. */
    private static String events(WireClient client) {
        Received message = client.next("pusher_internal:watchlist_events");
        assertTrue(message.text().startsWith("{\"event\":\"pusher_internal:watchlist_events\",\"data\":\"{"),
                message.text());
        TreeMap<String, TreeSet<String>> events = new TreeMap<>();
        for (JsonNode event : message.dataJson().path("events")) {
            TreeSet<String> ids = new TreeSet<>();
            event.path("user_ids").forEach(id -> ids.add(id.asString()));
            events.put(event.path("name").asString(), ids);
        }
        return events.toString();
    }

    @Test
    void whoSignsInIsToldWhoIsOnlineAndWhoIsNotAndThenEachChange(TestServer server) {
        signedIn(server, "b", "[]").assertNothingMore();
        WireClient a = signedIn(server, "a", "[\"b\",\"c\",\"d\"]");
        assertEquals("{offline=[c, d], online=[b]}", events(a));
        WireClient c = signedIn(server, "c", "[\"a\"]");
        assertEquals("{online=[a]}", events(c));
        assertEquals("{online=[c]}", events(a));
        WireClient second = signedIn(server, "c", "[]");
        second.close();
        long closed = System.nanoTime(); // the server may know of it before this test goes on
        c.close();
        assertEquals("{offline=[c]}", events(a));
        assertTrue(System.nanoTime() - closed > LINGER_NANOS * 9 / 10, "a moment later");
        a.assertNothingMore();
    }

    @Test
    void aPageThatIsLoadedAgainDoesNotGoOffline(TestServer server) {
        WireClient a = signedIn(server, "a", "[\"b\",\"c\"]");
        assertEquals("{offline=[b, c]}", events(a));
        WireClient b = signedIn(server, "b", "[]");
        assertEquals("{online=[b]}", events(a));
        b.close();
        signedIn(server, "b", "[]");
        WireClient c = signedIn(server, "c", "[]");
        assertEquals("{online=[c]}", events(a));
        c.close();
        assertEquals("{offline=[c]}", events(a));
        a.assertNothingMore();
    }

    @Test
    void aNewListReplacesTheOneBefore(TestServer server) {
        WireClient a = signedIn(server, "a", "[\"b\"]");
        assertEquals("{offline=[b]}", events(a));
        signIn(a, "a", "[\"c\",\"a\"]");
        a.next("pusher:signin_success");
        assertEquals("{offline=[c], online=[a]}", events(a));
        signedIn(server, "b", "[]");
        signedIn(server, "c", "[]");
        assertEquals("{online=[c]}", events(a));
        a.assertNothingMore();
    }

    @Test
    void moreThanAHundredIdsCloseTheConnectionWith4302(TestServer server) {
        WireClient client = server.connect();
        StringBuilder ids = new StringBuilder("[\"0\"");
        for (int i = 1; i <= 100; i++) {
            ids.append(",\"").append(i).append('"');
        }
        signIn(client, "a", ids.append(']').toString());
        client.next("pusher:error").assertError(4302);
        client.awaitClose(4302);
    }

    @Test
    void aHundredIdsAreTakenAlsoWhereSomeAreThereTwiceAndOneIsTheUsersOwn(TestServer server) {
        StringBuilder ids = new StringBuilder("[\"a\",\"a\",\"1\"");
        for (int i = 1; i < 100; i++) {
            ids.append(",\"").append(i).append('"');
        }
        WireClient client = signedIn(server, "a", ids.append(",99]").toString()); // 103, of which 100 differ
        Await.until("the user itself is online, the other 99 are not", () -> {
            String events = events(client);
            return events.contains("online=[a]") && events.split(",").length == 100;
        });
        client.assertNothingMore();
    }

    @Test
    void whereItIsOffNobodyIsTold(TestServer server) {
        server.app("watchlist_events: false");
        WireClient a = signedIn(server, "a", "[\"b\"]");
        signedIn(server, "b", "[\"a\"]").assertNothingMore();
        a.assertNothingMore();
    }

    @Test
    void overTheNodesAUserComesAndGoesOnce(TestServer one, TestServer other) throws IOException {
        try (RedisProcess redis = RedisProcess.server()) {
            for (TestServer server : new TestServer[]{one, other}) {
                ScaledTest.scaled(server, redis);
                ScaledTest.awaitReached(server);
            }
            WireClient early = signedIn(other, "b", "[\"a\",\"x\"]");
            assertEquals("{offline=[a, x]}", events(early));
            WireClient a = signedIn(one, "a", "[\"b\",\"c\"]");
            assertEquals("{offline=[c], online=[b]}", events(a));
            assertEquals("{online=[a]}", events(early));
            WireClient here = signedIn(one, "c", "[]");
            assertEquals("{online=[c]}", events(a));
            WireClient there = signedIn(other, "c", "[]");
            here.close();
            there.assertNothingMore();
            assertEquals("{}", one.api().get("/channels").json().path("channels").toString());
            other.stop();
            String offline = events(a); // of both together, or of one after the other
            if (!offline.equals("{offline=[b, c]}")) {
                assertEquals(Set.of("{offline=[b]}", "{offline=[c]}"), Set.of(offline, events(a)));
            }
            a.assertNothingMore();
        }
    }
}
