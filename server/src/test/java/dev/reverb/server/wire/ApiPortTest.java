package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.WireClient;
import org.junit.jupiter.api.Test;

/** The HTTP API on a port of its own: the one that the world reaches serves WebSockets alone. */
@WireTest
class ApiPortTest {

    @Test
    void clientsHearWhatBackEndsPublishOnThePortOfTheirs() {
        try (TestServer server = apart()) {
            assertNotEquals(server.address().getPort(), server.apiAddress().getPort());
            WireClient client = server.connect();
            client.subscribe("orders");

            server.api().publish("shipped", "{\"id\":1}", "orders");

            assertEquals("{\"id\":1}", client.next("shipped").data());
            assertEquals("{\"connections\":1}", server.api().get("/connections").body());
        }
    }

    @Test
    void theOtherPortAnswersWithWhereItIs() {
        try (TestServer server = apart()) {
            for (String target : new String[]{"/apps/app/channels", "/apps", "/apps/app/events"}) {
                HttpReply reply = server.socket().write(HttpSocket.head("GET", target)).read();
                assertEquals(404, reply.status());
                assertTrue(reply.body().contains("server.api_port, REVERB_API_PORT"), reply.body());
            }
            HttpReply client = HttpSocket.connect(server.apiAddress())
                    .write(HttpSocket.head("GET", "/app/" + TestServer.APP.key()))
                    .read();
            assertEquals(404, client.status());
            assertTrue(client.body().contains("server.port, REVERB_SERVER_PORT"), client.body());
        }
    }

    @Test
    void healthIsOnBoth() {
        try (TestServer server = apart()) {
            assertEquals(200, server.socket().write(HttpSocket.head("GET", "/up")).read().status());
            assertEquals(200,
                    HttpSocket.connect(server.apiAddress()).write(HttpSocket.head("GET", "/up")).read().status());
        }
    }

    @Test
    void onePortServesBothUnlessItIsAskedFor(TestServer server) {
        assertEquals(server.address(), server.apiAddress());
        assertEquals(200, server.api().get("/channels").status());
    }

    private static TestServer apart() {
        return new TestServer().env("REVERB_API_PORT", "0");
    }
}
