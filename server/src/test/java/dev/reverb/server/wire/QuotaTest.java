package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.Frame;
import dev.reverb.testkit.WireClient;
import org.junit.jupiter.api.Test;

/** {@code max_connections}: sockets count from accept. */
@WireTest
class QuotaTest {

    private static final Credentials OTHER = new Credentials("other", "other-key", "other-secret");

    private static void assertFull(WireClient client) {
        client.next("pusher:error").assertError(4004, "Application is over connection quota");
        client.awaitClose(4004);
    }

    @Test
    void whoComesAboveTheQuotaIsToldAndClosedThoughNobodySubscribed(TestServer server) {
        server.app("max_connections: 2");
        WireClient first = server.connect();
        WireClient second = server.connect();
        assertFull(server.open("/app/app-key"));
        first.assertNothingMore();
        second.assertNothingMore();
    }

    @Test
    void whoIsOverTheQuotaReachesNoChannel(TestServer server) {
        server.app("max_connections: 1");
        WireClient first = server.connect();
        WireClient second = server.open("/app/app-key");
        second.askFor("news");
        second.awaitClose(4004);
        assertEquals(1, second.count());
        assertEquals("{\"channels\":{}}", server.api().get("/channels").body());
        first.assertNothingMore();
    }

    @Test
    void aPlaceIsFreeAgainWhenAConnectionEndsInWhateverWay(TestServer server) {
        server.app("max_connections: 1");
        server.connect().send(Frame.close(1000, "")).awaitClose(1000);
        awaitPlace(server).reset();
        awaitPlace(server).close();
        awaitPlace(server).sendBytes(Frame.text("x").unmasked().encode()).awaitEnd();
        awaitPlace(server);
    }

    /** The server learns of an end a moment after the client. */
    private static WireClient awaitPlace(TestServer server) {
        return Await.value("a free place", () -> {
            WireClient client = server.open("/app/app-key");
            if (client.next().event().equals("pusher:connection_established")) {
                return client;
            }
            client.awaitClose(4004);
            return null;
        });
    }

    @Test
    void theRejectedDoNotCount(TestServer server) {
        server.app("max_connections: 1");
        WireClient first = server.connect();
        for (int i = 0; i < 5; i++) {
            assertFull(server.open("/app/app-key"));
        }
        first.send(Frame.close(1000, "")).awaitClose(1000);
        assertTrue(awaitPlace(server).isOpen());
    }

    @Test
    void anotherApplicationHasAQuotaOfItsOwn(TestServer server) {
        server.app("max_connections: 1").app(OTHER, "max_connections: 1");
        server.connect();
        server.connect(OTHER);
        assertFull(server.open("/app/app-key"));
        assertFull(server.open("/app/other-key"));
    }

    @Test
    void byDefaultThereIsNone(TestServer server) {
        for (int i = 0; i < 100; i++) {
            server.connect();
        }
        assertEquals(100, server.api().get("/connections").json().path("connections").asInt());
    }

    @Test
    void theLimitOfTheServerIsASetting(TestServer server) {
        server.env("REVERB_MAX_CONNECTIONS", "2");
        server.connect();
        server.connect();
        WireClient tooMany = server.open("/app/app-key");
        tooMany.next("pusher:error").assertError(4100);
        tooMany.awaitClose(4100);
    }

    @Test
    void aServerThatIsFullClosesWith4100AndServesTheOthersAndTheApi(TestServer server) {
        server.sockets(3);
        WireClient first = server.connect();
        WireClient second = server.connect();
        server.connect();
        WireClient tooMany = server.open("/app/app-key");
        tooMany.next("pusher:error").assertError(4100);
        tooMany.awaitClose(4100);
        assertEquals(200, server.api().get("/channels").status());
        first.send(Frame.close(1000, "")).awaitClose(1000);
        assertTrue(Await.value("a place", () -> {
            WireClient client = server.open("/app/app-key");
            return client.next().event().equals("pusher:connection_established") ? client : null;
        }).isOpen());
        second.assertNothingMore();
    }
}
