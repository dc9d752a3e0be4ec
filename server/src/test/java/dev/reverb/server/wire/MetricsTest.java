package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.metrics.Meter;
import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.Frame;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.WireClient;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The management port: health, and the meters as a scraper sees them. */
@WireTest
class MetricsTest {

    private static final Credentials OTHER = new Credentials("other", "other-key", "other-secret");

    private static double rejections(TestServer server, String reason) {
        return server.metric("reverb_rejections_total", "\"" + reason + "\"");
    }

    /** Closes are counted by the loop that closes, a moment after the client sees it. */
    private static void awaitMetric(TestServer server, String name, String label, double expected) {
        Await.until(name + " " + label + " to be " + expected, () -> server.metric(name, label) == expected);
    }

    @Test
    void healthIsServedBesideTheMeters(TestServer server) {
        assertEquals(200, server.management("/livez").status());
        assertEquals(200, server.management("/readyz").status());
        assertTrue(server.management("/metrics").header("Content-Type").orElse("").startsWith("text/plain"));
        assertEquals(404, server.management("/up").status());
        assertEquals(404, server.api().send(server.api().requestTo("GET", "/metrics")).status(),
                "not on the port of the clients");
    }

    @Test
    void everyMeterOfTheCatalogueIsOnThePage(TestServer server) {
        server.app("history: [news]", "webhooks: [\"http://127.0.0.1:9/\"]"); // refused: it has meters all the same
        WireClient client = server.connect();
        client.subscribe("news");
        server.api().publish("x", "1", "news");
        client.send(Frame.close(1000, "")).awaitClose(1000);
        server.open("/app/nobody").awaitClose(4001);
        awaitMetric(server, "reverb_connections_closed_total", "1000", 1);
        List<String> lines = server.management("/metrics").body().lines().toList();
        for (Meter meter : Meter.values()) {
            if (meter.meterName().startsWith("reverb.redis.") || meter.meterName().startsWith("reverb.scaling.")) {
                continue; // a server that is alone has no such link
            }
            String name = meter.prometheusName() + (meter.type() == Meter.Type.HISTOGRAM ? "_bucket" : "");
            List<String> labels = meter.tag().isEmpty() ? List.of()
                    : Stream.of(meter.tag().split(",", -1)).map(tag -> tag + "=\"").toList();
            assertTrue(
                    lines.stream().anyMatch(line -> line.startsWith(name) && labels.stream().allMatch(line::contains)),
                    name);
        }
        for (String more : new String[]{"jvm_memory_used_bytes", "netty_allocator_memory_used", "process_cpu_usage"}) {
            assertTrue(lines.stream().anyMatch(line -> line.startsWith(more)), more);
        }
    }

    @Test
    void connectionsMessagesAndChannelsAreCounted(TestServer server) {
        server.app(OTHER);
        WireClient one = server.connect();
        WireClient two = server.connect();
        server.connect(OTHER);
        one.subscribe("news");
        one.subscribe("more");
        two.subscribePresence("presence-room", "{\"user_id\":\"somebody\"}");
        server.api().publish("x", "12345", "news", "nowhere");
        one.next("x");

        assertEquals(2, server.metric("reverb_connections", "\"app\""));
        assertEquals(1, server.metric("reverb_connections", "\"other\""));
        assertEquals(3, server.metric("reverb_connections_opened_total", ""));
        assertEquals(3, server.metric("reverb_messages_received_total", ""));
        assertEquals(3 + 3 + 1, server.metric("reverb_messages_sent_total", ""), "established, subscribed, one event");
        assertTrue(server.metric("reverb_bytes_received_total", "") > 100);
        assertTrue(server.metric("reverb_bytes_sent_total", "") > 100);
        assertEquals(2, server.metric("reverb_channels", "\"public\""));
        assertEquals(1, server.metric("reverb_channels", "\"presence\""));
        assertEquals(0, server.metric("reverb_channels", "\"private\""));
        assertEquals(2, server.metric("reverb_publications_total", ""));
        assertEquals(1, server.metric("reverb_api_responses_total", "\"200\""));
        assertEquals(1, server.metric("reverb_publish_duration_seconds_count", ""));
        assertEquals(1, server.metric("reverb_fanout_duration_seconds_count", ""));

        one.send(Frame.close(1000, "")).awaitClose(1000);
        two.reset();
        awaitMetric(server, "reverb_connections_closed_total", "\"1000\"", 1);
        awaitMetric(server, "reverb_connections_closed_total", "\"1006\"", 1);
        assertEquals(0, server.metric("reverb_connections", "\"app\""));
        assertEquals(0, server.metric("reverb_channels", "\"public\""));
    }

    @Test
    void everyRefusalIsCountedOnceByItsReason(TestServer server) {
        Credentials off = new Credentials("off", "off-key", "off-secret");
        server.env("REVERB_MAX_REQUEST_SIZE", "1000").env("REVERB_REQUEST_TIMEOUT", "1s");
        server.app("allowed_origins: [a.example]", "max_connections: 1",
                "rate_limiting: {enabled: true, max_attempts: 1}");
        server.app(off, "enabled: false");
        server.app(OTHER, "rate_limiting: {enabled: true, max_attempts: 1}");

        server.open("/app/nobody").awaitClose(4001);
        server.open("/app/off-key").awaitClose(4003);
        server.open("/app/app-key?protocol=99").awaitClose(4007);
        server.open("/app/app-key", "Origin: https://b.example").awaitClose(4009);
        server.open("/app/app-key", "Origin: https://a.example").next("pusher:connection_established");
        server.open("/app/app-key", "Origin: https://a.example").awaitClose(4004);
        WireClient busy = server.connect(OTHER);
        busy.send("{\"event\":\"pusher:ping\"}").send("{\"event\":\"pusher:ping\"}").skipTo("pusher:error");
        assertEquals(401, server.api().send(server.api().request("GET", "/channels").signature(_ -> "00")).status());
        assertEquals(413, server.api().post("/events", ApiClient.event("x", "d".repeat(2000), "a")).status());
        assertEquals(400, server.socket().write("hello\r\n\r\n").read().status());
        String signed = server.api().request("POST", "/events").param("body_md5", "0".repeat(32)).target();
        assertEquals(408, server.socket().write(HttpSocket.head("POST", signed, "Content-Length: 9")).read().status());

        for (String reason : new String[]{"unknown_app", "disabled_app", "protocol", "origin", "quota", "rate_limit",
                "signature", "too_large", "bad_request", "timeout"}) {
            assertEquals(1, rejections(server, reason), reason);
        }
    }

    @Test
    void noMeterNamesAChannelOrAUser(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("a-channel-of-mine");
        client.subscribePresence("presence-of-mine", "{\"user_id\":\"a-user-of-mine\"}");
        server.api().publish("an-event-of-mine", "1", "a-channel-of-mine");
        assertFalse(server.management("/metrics").body().contains("of-mine"));
    }
}
