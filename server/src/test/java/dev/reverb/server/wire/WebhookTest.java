package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.WebhookReceiver;
import dev.reverb.testkit.WireClient;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a back end receives of one server by itself. */
@WireTest
class WebhookTest {

    private static void hooked(TestServer server, String... lines) {
        server.env("REVERB_WEBHOOKS_ALLOW_PRIVATE", "true").app("webhooks:").app(lines);
    }

    private static void awaitEvents(WebhookReceiver receiver, String... events) {
        Await.until(Await.PATIENCE, () -> receiver.events().toString(),
                () -> receiver.events().equals(List.of(events)));
        assertEquals(List.of(), receiver.problems());
    }

    @Test
    void occupancyMembersClientEventsAndMissesArriveSigned(TestServer server) throws Exception {
        try (WebhookReceiver receiver = new WebhookReceiver(TestServer.APP)) {
            hooked(server, "  - " + receiver.url());
            WireClient client = server.connect();
            client.subscribePresence("presence-a", "{\"user_id\":\"7\"}");
            awaitEvents(receiver, "channel_occupied presence-a", "member_added presence-a 7");
            client.send("{\"event\":\"client-x\",\"channel\":\"presence-a\",\"data\":{\"a\":1}}");
            awaitEvents(receiver, "channel_occupied presence-a", "member_added presence-a 7",
                    "client_event presence-a client-x {\"a\":1} 7");
            client.close();
            awaitEvents(receiver, "channel_occupied presence-a", "member_added presence-a 7",
                    "client_event presence-a client-x {\"a\":1} 7", "member_removed presence-a 7",
                    "channel_vacated presence-a");
            server.connect().subscribe("cache-a");
            Await.until("the miss arrives",
                    () -> receiver.events().containsAll(List.of("channel_occupied cache-a", "cache_miss cache-a")));
        }
    }

    @Test
    void connectionsAreToldToWhoAsksForThemAndFiltersHold(TestServer server) throws Exception {
        try (WebhookReceiver connections = new WebhookReceiver(TestServer.APP);
                WebhookReceiver some = new WebhookReceiver(TestServer.APP)) {
            hooked(server, "  - {url: \"" + connections.url() + "\", events: [connection_opened, connection_closed]}",
                    "  - {url: \"" + some.url() + "\", channels: [\"room-*\", \"a?\"], events: [channel_occupied]}");
            WireClient client = server.connect();
            client.subscribe("other");
            client.subscribe("ab");
            client.subscribe("room-1");
            awaitEvents(some, "channel_occupied ab", "channel_occupied room-1");
            client.close();
            Await.until("the end is told", () -> connections.events().size() == 2);
            assertEquals("connection_opened", connections.events().getFirst());
            assertTrue(connections.events().getLast().startsWith("connection_closed 100"),
                    connections.events().toString());
            WireClient ended = server.connect();
            String data = "{\"user_id\":\"7\"}";
            ended.askFor("presence-a", TestServer.APP.auth(ended.socketId(), "presence-a", data), data);
            ended.next("pusher_internal:subscription_succeeded");
            assertEquals(200, server.api().post("/users/7/terminate_connections", "").status());
            Await.until("the reason is the one that was sent",
                    () -> connections.events().getLast().equals("connection_closed 4009 Connection terminated"));
        }
    }

    @Test
    void aReceiverThatFailsRedirectsOrStallsGetsAllInOrderOnceItAnswersAndHoldsUpNobody(TestServer server)
            throws Exception {
        try (WebhookReceiver broken = new WebhookReceiver(TestServer.APP);
                WebhookReceiver sound = new WebhookReceiver(TestServer.APP)) {
            server.env("REVERB_WEBHOOKS_TIMEOUT", "300ms");
            hooked(server, "  - {url: \"" + broken.url() + "\", events: [channel_occupied]}",
                    "  - {url: \"" + sound.url() + "\", events: [channel_occupied]}");
            broken.answers(500);
            WireClient client = server.connect();
            String[] all = IntStream.range(0, 12).mapToObj(i -> "channel_occupied c-" + i).toArray(String[]::new);
            for (int i = 0; i < 4; i++) {
                client.subscribe("c-" + i);
            }
            Await.until("a request failed", () -> broken.requests() > 0);
            broken.answers(302);
            for (int i = 4; i < 8; i++) {
                client.subscribe("c-" + i);
            }
            int before = broken.requests();
            Await.until("a request was redirected", () -> broken.requests() > before + 1);
            broken.stalls();
            for (int i = 8; i < 12; i++) {
                client.subscribe("c-" + i);
            }
            awaitEvents(sound, all);
            int stalled = broken.requests();
            Await.until("a request stalls", () -> broken.requests() > stalled);
            broken.answersAgain();
            broken.answers(200);
            awaitEvents(broken, all);
        }
    }

    @Test
    void aRepeatedRequestSaysWhenItIsSentAsValidatorsRefuseOldOnes(TestServer server) throws Exception {
        try (WebhookReceiver receiver = new WebhookReceiver(TestServer.APP).answers(500)) {
            hooked(server, "  - " + receiver.url());
            server.connect().subscribe("a");
            Await.until("it is tried again", () -> receiver.requests() > 1);
            assertTrue(receiver.times().get(1) > receiver.times().get(0), () -> receiver.times().toString());
            receiver.answers(200);
            awaitEvents(receiver, "channel_occupied a");
        }
    }

    @Test
    void aPrivateAddressIsRefusedUnlessAllowed(TestServer server) throws Exception {
        try (WebhookReceiver receiver = new WebhookReceiver(TestServer.APP)) {
            server.env("REVERB_WEBHOOKS_RETRY_FOR", "0s").app("webhooks: [\"" + receiver.url() + "\"]");
            server.connect().subscribe("a");
            Await.until("the event is dropped",
                    () -> server.metric("reverb_webhook_dropped_total", "{app=\"app\",endpoint=\"0\"}") >= 1);
            assertEquals(0, receiver.requests());
        }
    }
}
