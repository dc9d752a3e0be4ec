package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.WireClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A 200 means that the event has its place: what is published after it, over any connection, is delivered after it. */
@WireTest
class PublishOrderTest {

    private static final int EVENTS = 4_000;

    @Test
    void eventsPublishedOneAfterTheOtherOverFreshConnectionsArriveInTheOrderOfTheirReplies(TestServer server) {
        server.env("REVERB_EVENT_LOOPS", "4");
        WireClient client = server.connect();
        client.subscribe("news");
        ApiClient api = server.api();
        for (int i = 0; i < EVENTS; i++) {
            api.publish("n", Integer.toString(i), "news");
        }
        assertInOrder(client);
    }

    @Test
    void batchesPublishedOneAfterTheOtherOverFreshConnectionsArriveInTheOrderOfTheirReplies(TestServer server) {
        server.env("REVERB_EVENT_LOOPS", "4");
        WireClient client = server.connect();
        client.subscribe("news");
        ApiClient api = server.api();
        for (int i = 0; i < EVENTS; i += 2) {
            String batch = "{\"batch\":[" + one(i) + "," + one(i + 1) + "]}";
            assertEquals(200, api.post("/batch_events", batch).status());
        }
        assertInOrder(client);
    }

    private static String one(int number) {
        return "{\"name\":\"n\",\"channel\":\"news\",\"data\":\"" + number + "\"}";
    }

    private static void assertInOrder(WireClient client) {
        List<String> inversions = new ArrayList<>();
        int before = -1;
        for (int i = 0; i < EVENTS; i++) {
            int number = Integer.parseInt(client.next("n").data());
            if (number != before + 1) {
                inversions.add(before + " before " + number);
            }
            before = number;
        }
        assertEquals(List.of(), inversions);
    }
}
