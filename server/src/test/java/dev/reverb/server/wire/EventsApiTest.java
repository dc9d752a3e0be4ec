package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.Json;
import dev.reverb.testkit.Received;
import dev.reverb.testkit.WireClient;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code POST /apps/{id}/events}. */
@WireTest
class EventsApiTest {

    private static void assertInvalid(HttpReply reply, String field) {
        assertEquals(422, reply.status(), reply.toString());
        JsonNode reasons = reply.json().path(field);
        assertTrue(reasons.isArray() && reasons.size() > 0 && reasons.path(0).isString(), reply.body());
    }

    private static String[] channels(int count) {
        return IntStream.range(0, count).mapToObj(i -> "c" + i).toArray(String[]::new);
    }

    @Test
    void anEventReachesTheSubscribersOfItsChannels(TestServer server) {
        WireClient one = server.connect();
        one.subscribe("one");
        WireClient both = server.connect();
        both.subscribe("one");
        both.subscribe("two");
        HttpReply reply = server.api().post("/events", ApiClient.event("x", "{\"a\":1}", "one", "two", "three"));
        assertEquals(200, reply.status());
        assertEquals(Json.parse("{}"), reply.json());
        assertTrue(reply.header("Content-Type").orElse("").startsWith("application/json"), reply.toString());
        Received got = one.next("x");
        assertEquals("one", got.channel());
        assertEquals("{\"a\":1}", got.data());
        assertEquals(List.of("one", "two"),
                List.of(both.next("x").channel(), both.next("x").channel()).stream().sorted().toList());
        one.assertNothingMore();
        both.assertNothingMore();
    }

    @Test
    void oneChannelMayBeNamedByItself(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        HttpReply reply = server.api().post("/events", "{\"name\":\"x\",\"channel\":\"news\",\"data\":\"1\"}");
        assertEquals(200, reply.status(), reply.toString());
        client.next("x");
    }

    @Test
    void aChannelNamedTwiceReceivesOnce(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        server.api().publish("x", "1", "news", "news");
        client.next("x");
        client.assertNothingMore();
    }

    @Test
    void theSocketOfTheCauseIsLeftOut(TestServer server) {
        WireClient cause = server.connect();
        cause.subscribe("news");
        WireClient other = server.connect();
        other.subscribe("news");
        HttpReply reply = server.api()
                .post("/events", "{\"name\":\"x\",\"channels\":[\"news\"],\"data\":\"1\"," + "\"socket_id\":\""
                        + cause.socketId() + "\"}");
        assertEquals(200, reply.status(), reply.toString());
        other.next("x");
        cause.assertNothingMore();
    }

    @Test
    void aSocketThatIsNotHereLeavesNobodyOut(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        for (String socket : new String[]{"\"1.1\"", "\"undefined\"", "\"\"", "null"}) {
            HttpReply reply = server.api()
                    .post("/events",
                            "{\"name\":\"x\",\"channels\":[\"news\"],\"data\":\"1\",\"socket_id\":" + socket + "}");
            assertEquals(200, reply.status(), reply.toString());
            client.next("x");
        }
    }

    @Test
    void infoTellsTheCountsOfEachChannel(TestServer server) {
        server.connect().subscribe("news");
        server.connect().subscribe("news");
        server.connect().subscribePresence("presence-a", "{\"user_id\":\"1\"}");
        server.connect().subscribePresence("presence-a", "{\"user_id\":\"1\"}");
        HttpReply reply = server.api()
                .post("/events", "{\"name\":\"x\",\"channels\":[\"news\",\"presence-a\"],\"data\":"
                        + "\"1\",\"info\":\"user_count,subscription_count\"}");
        assertEquals(200, reply.status(), reply.toString());
        assertEquals(
                Json.parse("{\"channels\":{\"news\":{\"subscription_count\":2},\"presence-a\":{\"user_count\":1}}}"),
                reply.json());
    }

    @Test
    void aChannelThatNobodyIsSubscribedToHasNoCounts(TestServer server) {
        server.connect().subscribe("news");
        HttpReply reply = server.api()
                .post("/events", "{\"name\":\"x\",\"channels\":[\"news\",\"empty\",\"presence-a\"],\"data\":"
                        + "\"1\",\"info\":\"user_count,subscription_count\"}");
        assertEquals(Json.parse("{\"channels\":{\"news\":{\"subscription_count\":1},\"empty\":{},\"presence-a\":{}}}"),
                reply.json());
    }

    @Test
    void anUnknownKeyIsNoError(TestServer server) {
        HttpReply reply = server.api()
                .post("/events", "{\"name\":\"x\",\"channels\":[\"news\"],\"data\":\"1\","
                        + "\"tags\":{\"a\":[1,{}]},\"socket_id\":null}");
        assertEquals(200, reply.status(), reply.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {"name | {`channels`:[`a`],`data`:`1`}",
            "name | {`name`:``,`channels`:[`a`],`data`:`1`}", "name | {`name`:7,`channels`:[`a`],`data`:`1`}",
            "name | {`name`:null,`channels`:[`a`],`data`:`1`}", "data | {`name`:`x`,`channels`:[`a`]}",
            "data | {`name`:`x`,`channels`:[`a`],`data`:null}", "data | {`name`:`x`,`channels`:[`a`],`data`:{}}",
            "data | {`name`:`x`,`channels`:[`a`],`data`:7}", "channel | {`name`:`x`,`data`:`1`}",
            "channels | {`name`:`x`,`channels`:[],`data`:`1`}", "channels | {`name`:`x`,`channels`:`a`,`data`:`1`}",
            "channels | {`name`:`x`,`channels`:{},`data`:`1`}",
            "socket_id | {`name`:`x`,`channels`:[`a`],`data`:`1`,`socket_id`:7}",
            "socket_id | {`name`:`x`,`channels`:[`a`],`data`:`1`,`socket_id`:[]}",
            "info | {`name`:`x`,`channels`:[`a`],`data`:`1`,`info`:7}"})
    void aFieldThatIsWrongIs422AndNamed(String field, String body, TestServer server) {
        WireClient client = server.connect();
        client.subscribe("a");
        assertInvalid(server.api().post("/events", body.replace('`', '"')), field);
        client.assertNothingMore();
    }

    @Test
    void everyFieldThatIsWrongIsNamedAtOnce(TestServer server) {
        HttpReply reply = server.api()
                .post("/events", "{\"name\":7,\"channels\":[\"a b\"],\"socket_id\":7,\"info\":1}");
        assertEquals(422, reply.status(), reply.toString());
        assertEquals(Json.parse("{\"name\":[\"The name field must be a string that is not empty.\"],"
                + "\"data\":[\"The data field is required.\"],"
                + "\"channels\":[\"The channels field contains an invalid channel name, 'a b': 1 to 164 of"
                + " A-Z a-z 0-9 _ - = @ , . ; are allowed.\"],"
                + "\"socket_id\":[\"The socket_id field must be a string.\"],"
                + "\"info\":[\"The info field must be a string.\"]}"), reply.json());
        assertEquals(
                Json.parse(
                        "{\"name\":[\"The name field is required.\"]," + "\"data\":[\"The data field is required.\"],"
                                + "\"channel\":[\"The channel field is required when channels is not there.\"]}"),
                server.api().post("/events", "{}").json());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[7]", "[null]", "[\"\"]", "[\"a\",{}]", "[\"a b\"]", "[\"ok\",\"a/b\"]",
            "[\"ok\",\"#server-to-user-\"]"})
    void aWrongNameAmongTheChannelsIs422AndReachesNoneOfThem(String channels, TestServer server) {
        WireClient client = server.connect();
        client.subscribe("a");
        client.subscribe("ok");
        HttpReply reply = server.api().post("/events", "{\"name\":\"x\",\"channels\":" + channels + ",\"data\":\"1\"}");
        assertEquals(422, reply.status(), reply.toString());
        assertTrue(reply.json().propertyNames().stream().anyMatch(name -> name.startsWith("channels")), reply.body());
        client.assertNothingMore();
    }

    @Test
    void aUserWithoutAnIdIsNobody(TestServer server) {
        HttpReply reply = server.api()
                .post("/events", "{\"name\":\"x\",\"channel\":\"#server-to-user-\",\"data\":\"1\"}");
        assertEquals(Json.parse("{\"channel\":[\"The channel field contains an invalid channel name, "
                + "'#server-to-user-': the id of a user has to follow.\"]}"), reply.json());
        assertEquals(404, server.api().post("/users//terminate_connections", "").status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "not json", "{\"name\":\"x\",}", "{\"name\":\"x\"} x", "\u0001"})
    void aBodyThatIsNoJsonIs400(String body, TestServer server) {
        HttpReply reply = server.api().post("/events", body);
        assertEquals(400, reply.status(), reply.toString());
        assertFalse(reply.body().isBlank());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "null", "7", "\"x\""})
    void aBodyThatIsNoObjectIsRefused(String body, TestServer server) {
        int status = server.api().post("/events", body).status();
        assertTrue(status == 400 || status == 422, "status " + status);
    }

    @Test
    void invalidUtf8Is400(TestServer server) {
        byte[] body = ApiClient.event("x", "##", "news").getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < body.length; i++) {
            body[i] = body[i] == '#' ? (byte) 0xC3 : body[i];
        }
        WireClient client = server.connect();
        client.subscribe("news");
        assertEquals(400, server.api().send(server.api().request("POST", "/events").body(body)).status());
        client.assertNothingMore();
    }

    @Test
    void anEventGoesToAtMostAHundredChannels(TestServer server) {
        assertEquals(200, server.api().post("/events", ApiClient.event("x", "1", channels(100))).status());
        WireClient client = server.connect();
        client.subscribe("c0");
        assertInvalid(server.api().post("/events", ApiClient.event("x", "1", channels(101))), "channels");
        client.assertNothingMore();
    }

    @Test
    void aNameHasAtMost200Characters(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        server.api().publish("n".repeat(200), "1", "news");
        client.next("n".repeat(200));
        server.api().publish("é".repeat(200), "1", "news");
        client.next("é".repeat(200));
        assertInvalid(server.api().post("/events", ApiClient.event("n".repeat(201), "1", "news")), "name");
        client.assertNothingMore();
    }

    @Test
    void theLimitsAreSettings(TestServer server) {
        server.file("limits:", "  max_channels_per_event: 2", "  max_event_name_length: 5", "  max_batch_size: 1");
        assertEquals(200, server.api().post("/events", ApiClient.event("12345", "1", channels(2))).status());
        assertInvalid(server.api().post("/events", ApiClient.event("123456", "1", "a")), "name");
        assertInvalid(server.api().post("/events", ApiClient.event("x", "1", channels(3))), "channels");
        assertInvalid(server.api()
                .post("/batch_events", "{\"batch\":[{\"name\":\"x\",\"channel\":\"a\",\"data\":\"1\"},"
                        + "{\"name\":\"x\",\"channel\":\"a\",\"data\":\"1\"}]}"),
                "batch");
    }

    @Test
    void theDataOfAnEventIsAsLargeAsAMessageByDefault(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("news");
        server.api().publish("fits", "d".repeat(10_000), "news");
        assertEquals(10_000, client.next("fits").data().length());
        HttpReply reply = server.api().post("/events", ApiClient.event("x", "d".repeat(10_001), "news"));
        assertEquals(413, reply.status(), reply.toString());
        assertFalse(reply.body().isBlank());
        client.assertNothingMore();
    }

    @Test
    void theSizeOfDataIsASettingOfTheApplication(TestServer server) {
        server.app("max_event_size: 20");
        assertEquals(200, server.api().post("/events", ApiClient.event("x", "d".repeat(20), "news")).status());
        assertEquals(413, server.api().post("/events", ApiClient.event("x", "d".repeat(21), "news")).status());
        assertEquals(413, server.api().post("/events", ApiClient.event("x", "é".repeat(11), "news")).status());
    }

    @Test
    void aBodyAboveTheRequestSizeIs413AndSaysWhy(TestServer server) {
        server.env("REVERB_MAX_REQUEST_SIZE", "1000");
        assertEquals(200, server.api().post("/events", ApiClient.event("x", "d".repeat(900), "news")).status());
        HttpReply reply = server.api().post("/events", ApiClient.event("x", "d".repeat(1100), "news"));
        assertEquals(413, reply.status(), reply.toString());
        int size = ApiClient.event("x", "d".repeat(1100), "news").length();
        assertTrue(reply.body().contains("REVERB_MAX_REQUEST_SIZE") || reply.body().contains("max_request_size"),
                reply.body());
        assertTrue(reply.body().contains("1000") && reply.body().contains(Integer.toString(size)), reply.body());
        assertEquals(413,
                server.api()
                        .send(server.api()
                                .request("POST", "/events")
                                .chunked(100)
                                .body(ApiClient.event("x", "d".repeat(1100), "news")))
                        .status());
    }

    @Test
    void aLargerRequestSizeAllowsLargerEvents(TestServer server) {
        server.env("REVERB_MAX_REQUEST_SIZE", "50000");
        assertEquals(200, server.api().post("/events", ApiClient.event("x", "d".repeat(40_000), "news")).status());
    }

    @Test
    void aFullBatchOfTheLargestEventsFitsByDefault(TestServer server) {
        // JSON within JSON, as every back end sends it: its quotes take twice the room
        String data = "[" + "\"a\",".repeat(2_499) + "\"\"]";
        String event = "{\"name\":\"" + "n".repeat(200) + "\",\"channel\":\"" + "c".repeat(164) + "\",\"data\":"
                + Json.quote(data) + "}";
        HttpReply reply = server.api()
                .post("/batch_events", "{\"batch\":[" + String.join(",", Collections.nCopies(10, event)) + "]}");
        assertEquals(200, reply.status(), reply.toString());
    }
}
