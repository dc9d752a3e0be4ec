package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code POST /apps/{id}/batch_events}. */
@WireTest
class BatchApiTest {

    private static String event(String name, String channel, String more) {
        return "{\"name\":\"" + name + "\",\"channel\":\"" + channel + "\",\"data\":\"1\"" + more + "}";
    }

    private static HttpReply batch(TestServer server, String... events) {
        return server.api().post("/batch_events", "{\"batch\":[" + String.join(",", events) + "]}");
    }

    @Test
    void everyEventOfABatchIsDeliveredInItsOrder(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("a");
        client.subscribe("b");
        HttpReply reply = batch(server, event("one", "a", ""), event("two", "a", ""), event("three", "b", ""),
                event("four", "a", ""));
        assertEquals(200, reply.status(), reply.toString());
        assertEquals(Json.parse("{\"batch\":{}}"), reply.json());
        List<String> onA = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Received one = client.next();
            if (one.channel().equals("a")) {
                onA.add(one.event());
            } else {
                assertEquals("three", one.event());
            }
        }
        assertEquals(List.of("one", "two", "four"), onA);
        client.assertNothingMore();
    }

    @Test
    void infoIsToldForThoseWhoAskAndEmptyForTheOthers(TestServer server) {
        server.connect().subscribe("a");
        server.connect().subscribePresence("presence-b", "{\"user_id\":\"1\"}");
        HttpReply reply = batch(server, event("x", "a", ",\"info\":\"subscription_count\""), event("x", "a", ""),
                event("x", "presence-b", ",\"info\":\"user_count,subscription_count\""));
        assertEquals(200, reply.status(), reply.toString());
        assertEquals(Json.parse("{\"batch\":[{\"subscription_count\":1},{},{\"user_count\":1}]}"), reply.json());
    }

    @Test
    void aChannelThatNobodyIsSubscribedToHasNoCounts(TestServer server) {
        server.connect().subscribe("a");
        assertEquals(Json.parse("{\"batch\":[{},{\"subscription_count\":1}]}"),
                batch(server, event("x", "empty", ",\"info\":\"subscription_count\""),
                        event("x", "a", ",\"info\":\"subscription_count\"")).json());
    }

    @Test
    void aBatchWithoutEventsIs422(TestServer server) {
        HttpReply reply = batch(server);
        assertEquals(422, reply.status(), reply.toString());
        assertTrue(reply.json().path("batch").isArray(), reply.body());
    }

    @Test
    void eachEventLeavesOutItsOwnSocket(TestServer server) {
        WireClient one = server.connect();
        one.subscribe("a");
        WireClient two = server.connect();
        two.subscribe("a");
        batch(server, event("first", "a", ",\"socket_id\":\"" + one.socketId() + "\""),
                event("second", "a", ",\"socket_id\":\"" + two.socketId() + "\""));
        one.next("second");
        two.next("first");
        one.assertNothingMore();
        two.assertNothingMore();
    }

    @Test
    void tenEventsAreTakenAndElevenAreNot(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("a");
        String[] ten = new String[10];
        Arrays.fill(ten, event("x", "a", ""));
        assertEquals(200, batch(server, ten).status());
        for (int i = 0; i < 10; i++) {
            client.next("x");
        }
        String[] eleven = new String[11];
        Arrays.fill(eleven, event("x", "a", ""));
        HttpReply reply = batch(server, eleven);
        assertEquals(422, reply.status());
        assertTrue(reply.json().path("batch").isArray(), reply.body());
        client.assertNothingMore();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "7", "null", "{\"name\":\"x\",\"channel\":\"a\"}",
            "{\"channel\":\"a\",\"data\":\"1\"}", "{\"name\":\"x\",\"data\":\"1\"}",
            "{\"name\":\"x\",\"channel\":\"a b\",\"data\":\"1\"}", "{\"name\":\"x\",\"channel\":\"a\",\"data\":{}}",
            "{\"name\":7,\"channel\":\"a\",\"data\":\"1\"}",
            "{\"name\":\"x\",\"channel\":\"a\",\"data\":\"1\",\"socket_id\":7}"})
    void aBatchIsValidatedWholeBeforeAnyOfItIsDelivered(String wrong, TestServer server) {
        WireClient client = server.connect();
        client.subscribe("a");
        HttpReply reply = batch(server, event("first", "a", ""), wrong, event("last", "a", ""));
        assertEquals(422, reply.status(), reply.toString());
        assertTrue(reply.json().isObject() && reply.json().size() > 0, reply.body());
        client.assertNothingMore();
    }

    @Test
    void everyFieldOfEveryEventThatIsWrongIsNamedAtOnce(TestServer server) {
        HttpReply reply = batch(server, "{\"name\":\"x\",\"channel\":\"a b\"}", event("right", "a", ""), "7",
                event("x", "a", ",\"info\":[]"));
        assertEquals(422, reply.status(), reply.toString());
        assertEquals(Set.of("batch.0.data", "batch.0.channel", "batch.2", "batch.3.info"),
                Set.copyOf(reply.json().propertyNames()));
    }

    @Test
    void anEventThatIsTooLargeStopsTheWholeBatch(TestServer server) {
        server.app("max_event_size: 10");
        WireClient client = server.connect();
        client.subscribe("a");
        HttpReply reply = batch(server, event("first", "a", ""),
                "{\"name\":\"x\",\"channel\":\"a\",\"data\":\"12345678901\"}");
        assertEquals(413, reply.status(), reply.toString());
        client.assertNothingMore();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"batch\":null}", "{\"batch\":{}}", "{\"batch\":\"x\"}"})
    void aBodyWithoutAListIs422(String body, TestServer server) {
        HttpReply reply = server.api().post("/batch_events", body);
        assertEquals(422, reply.status(), reply.toString());
        assertTrue(reply.json().path("batch").isArray(), reply.body());
    }

    @Test
    void aBodyThatIsNoJsonIs400(TestServer server) {
        assertEquals(400, server.api().post("/batch_events", "{\"batch\":[").status());
    }
}
