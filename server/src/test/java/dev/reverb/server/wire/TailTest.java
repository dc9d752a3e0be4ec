package dev.reverb.server.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.tail.Notes;
import dev.reverb.server.tail.Tail;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.WireClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code GET /apps/{id}/tail}: what happens to an application, line by line. */
@WireTest
class TailTest {

    private static final Pattern MISSED = Pattern.compile("-- missed (\\d+) lines?: .*");

    /** Empty lines, each after 15 s without another, after which nothing is awaited any longer. */
    private static final int SILENCES = 4;

    /** A reader of an application's lines. */
    private static final class Reader implements AutoCloseable {
        private final HttpSocket socket;
        private final BufferedReader lines;
        private final List<String> read = new ArrayList<>();

        Reader(TestServer server, Credentials app, String... params) {
            socket = server.api(app).open();
            var request = server.api(app).request("GET", "/tail");
            for (int i = 0; i < params.length; i += 2) {
                request.param(params[i], params[i + 1]);
            }
            HttpReply head = socket.write(request.bytes()).readHead();
            assertEquals(200, head.status());
            assertEquals("text/plain; charset=utf-8", head.header("content-type").orElse(""));
            lines = new BufferedReader(new InputStreamReader(socket.in(), StandardCharsets.UTF_8));
            next(line -> line.startsWith("-- tail of application " + app.appId() + " "));
        }

        /** Reads up to a line. */
        String next(Predicate<String> wanted) {
            try {
                int silences = 0;
                for (String line = lines.readLine(); line != null && silences < SILENCES; line = lines.readLine()) {
                    read.add(line);
                    if (wanted.test(line)) {
                        return line;
                    }
                    silences += line.isEmpty() ? 1 : 0;
                }
            } catch (IOException e) {
                throw new UncheckedIOException("after " + read, e);
            }
            throw new AssertionError("ended, or silent, after " + read);
        }

        String nextWith(String text) {
            return next(line -> line.contains(text));
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    @Test
    void aLifeOfAConnectionIsRead(TestServer server) {
        try (Reader reader = new Reader(server, TestServer.APP)) {
            WireClient client = server.connect();
            assertTrue(reader.nextWith(" connected from 127.0.0.1").contains(client.socketId()));
            reader.nextWith(client.socketId() + " > {\"event\":\"pusher:connection_established\"");
            client.subscribe("orders");
            String subscribed = reader.nextWith("pusher:subscribe");
            assertTrue(subscribed.matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} " + client.socketId() + " < \\{.*"),
                    subscribed);
            server.api().publish("shipped", "7", "orders", "nobody");
            reader.nextWith("orders to 1 connection > {\"event\":\"shipped\"");
            assertTrue(
                    reader.nextWith("event for ").endsWith("event for orders: 1 subscriber, nobody: no subscribers"));
            assertTrue(reader.nextWith("POST ").endsWith("POST /apps/app/events 200"));
            server.api().post("/users/x/terminate_connections", "");
            reader.nextWith("terminate_connections 200");
            client.next("shipped");
            client.send("{\"event\":\"pusher:ping\"}");
            client.next("pusher:pong");
            client.send("nonsense");
            reader.nextWith(client.socketId() + " < nonsense");
            assertTrue(reader.nextWith(client.socketId() + " > {\"event\":\"pusher:error\"").contains("4200"));
            client.reset();
            reader.nextWith(client.socketId() + " closed with 1006");
            assertFalse(reader.read.toString().contains("pusher:ping"), "pings are noise");
            assertFalse(reader.read.toString().contains("auth_signature"), reader.read.toString());
        }
        Await.until("it is gone", () -> server.metric("reverb_tails", "") == 0);
    }

    @Test
    void whyClientsAndRequestsAreRefusedIsRead(TestServer server) {
        server.app("allowed_origins: [shop.test]", "max_connections: 1", "max_event_size: 20");
        try (Reader reader = new Reader(server, TestServer.APP)) {
            server.open("/app/app-key?protocol=7", "Origin: http://evil.test");
            reader.nextWith("is refused with 4009 (Origin not allowed): /app/app-key, Origin http://evil.test");
            server.open("/app/nope?protocol=7", "Origin: http://shop.test");
            reader.nextWith("is refused with 4001 (Application does not exist): /app/nope");
            server.open("/app/app-key?protocol=7", "Origin: http://shop.test").next("pusher:connection_established");
            server.open("/app/app-key?protocol=7", "Origin: http://shop.test");
            reader.nextWith("refused with 4004, over max_connections, from 127.0.0.1");
            server.api(new Credentials("app", "app-key", "wrong")).post("/events", "{}");
            reader.nextWith("POST /apps/app/events 401 {\"error\":\"auth_signature does not verify");
            server.api().post("/events", "{\"name\":\"e\",\"channel\":\"c\",\"data\":\"" + "x".repeat(21) + "\"}");
            reader.nextWith("POST /apps/app/events 413 {\"error\":");
            server.api(new Credentials("typo", "app-key", "app-secret")).get("/channels");
            reader.nextWith("GET /apps/typo/channels 404 {\"error\":\"There is no application with the id typo");
        }
    }

    @Test
    void anAttributeThatNoChannelHasIsLeftOutAndSaid(TestServer server) {
        try (Reader reader = new Reader(server, TestServer.APP)) {
            assertEquals(200, server.api().get("/channels", "info", "usercount,subscription_count,x").status());
            reader.nextWith("GET /apps/app/channels 200 (\"usercount, x\" in info left out; allowed is user_count, "
                    + "subscription_count, cache)");
            server.api().get("/channels/a", "info", "subscription_count");
            assertTrue(reader.nextWith("GET /apps/app/channels/a 200").endsWith(" 200"));
            server.api().post("/events", "{\"name\":\"e\",\"channel\":\"c\",\"data\":\"1\",\"info\":\"count\\nx\"}");
            reader.nextWith("event for c: no subscribers (\"count x\" in info left out;");
        }
    }

    @Test
    void anotherApplicationAndItsClientsAreNotRead(TestServer server) {
        Credentials other = new Credentials("other", "other-key", "other-secret");
        server.app(other);
        try (Reader reader = new Reader(server, TestServer.APP)) {
            WireClient client = server.connect(other);
            client.subscribe("orders");
            server.api(other).publish("shipped", "7", "orders");
            server.open("/app/nope?protocol=7").next("pusher:error"); // may be a client of the other
            server.api(new Credentials("typo", "app-key", "app-secret")).get("/channels");
            server.api().get("/connections");
            reader.nextWith("GET /apps/app/connections 200");
            assertEquals(2, reader.read.size(), reader.read.toString());
        }
    }

    @Test
    void oneChannelAlone(TestServer server) {
        server.app("accept_client_events_from: all");
        WireClient client = server.connect();
        try (Reader reader = new Reader(server, TestServer.APP, "channel", "orders")) {
            client.subscribe("news");
            client.subscribe("orders");
            reader.nextWith("\"channel\":\"orders\"");
            server.api().publish("a", "1", "news");
            server.api().publish("b", "2", "news", "orders");
            reader.nextWith("orders to 1 connection > {\"event\":\"b\"");
            reader.nextWith("event for news: 1 subscriber, orders: 1 subscriber");
            server.connect();
            reader.nextWith("connected from");
            assertFalse(reader.read.stream().anyMatch(line -> line.contains("news to ") || line.contains("\"news\"")),
                    reader.read.toString());
        }
    }

    @Test
    void whoReadsNothingSlowsNobodyAndReadsHowMuchItMissed(TestServer server) {
        WireClient client = server.connect();
        client.subscribe("orders");
        HttpSocket slow = HttpSocket.connect(server.apiAddress(), 64 * 1024);
        slow.write(server.api().request("GET", "/tail").bytes());
        assertEquals(200, slow.readHead().status());
        String[] channels = new String[100];
        for (int i = 0; i < channels.length; i++) {
            channels[i] = "c" + i;
            client.subscribe(channels[i]);
        }
        String data = "x".repeat(1_000);
        int published = 0;
        while (server.metric("reverb_tail_lines_missed_total", "") == 0) {
            for (int i = 0; i < 5; i++) {
                server.api().publish("e", data, channels);
                published += channels.length;
            }
        }
        for (int i = 0; i < published; i++) {
            client.next("e"); // whoever subscribes gets everything
        }
        try (Reader other = new Reader(server, TestServer.APP)) {
            server.api().publish("last", "1", "orders");
            other.nextWith("\"last\"");
        }
        BufferedReader lines = new BufferedReader(new InputStreamReader(slow.in(), StandardCharsets.UTF_8));
        long missed = 0;
        long deliveries = 0;
        try {
            boolean ended = false;
            while (!ended) {
                String line = lines.readLine();
                assertNotNull(line, "the stream goes on");
                assertTrue(line.length() < 1_100, "a line is bounded");
                Matcher number = MISSED.matcher(line);
                if (number.matches()) { // it has caught up
                    missed += Long.parseLong(number.group(1));
                    server.api().publish("end", "1", "orders");
                }
                ended = line.contains("orders to 1 connection > {\"event\":\"end");
                deliveries += line.contains(" to 1 connection > ") ? 1 : 0;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertTrue(missed > 0, "what was missed is said");
        assertTrue(deliveries >= Tail.MOST - 20 && deliveries < published, deliveries + " of " + published);
        slow.close();
    }

    @Test
    void onlyWhoSignsMayRead(TestServer server) {
        HttpReply wrong = server.api(new Credentials("app", "app-key", "wrong")).get("/tail");
        assertEquals(401, wrong.status());
        assertTrue(wrong.body().contains("auth_signature does not verify"), wrong.body());
        assertEquals(405, server.api().post("/tail", "{}").status());
        assertEquals(404, server.api(new Credentials("typo", "app-key", "app-secret")).get("/tail").status());
        assertEquals(0, server.metric("reverb_tails", ""));
    }

    @Test
    void asManyReadAsMayAndOneMoreIsRefused(TestServer server) {
        List<Reader> readers = new ArrayList<>();
        for (int i = 0; i < Notes.MOST_OF_APP; i++) {
            readers.add(new Reader(server, TestServer.APP));
        }
        HttpReply refused = server.api().get("/tail");
        assertEquals(429, refused.status());
        assertEquals("{\"error\":\"This application has as many readers as it may, 8\"}", refused.body());
        readers.removeFirst().close();
        Await.until("one more may", () -> server.metric("reverb_tails", "") == Notes.MOST_OF_APP - 1);
        readers.add(new Reader(server, TestServer.APP));
        readers.forEach(Reader::close);
    }

    @Test
    void anEmptyLineShowsThatTheStreamLives(TestServer server) {
        try (Reader reader = new Reader(server, TestServer.APP)) {
            reader.next(String::isEmpty);
        }
    }

    @Test
    void aStreamEndsWithTheServer(TestServer server) {
        try (Reader reader = new Reader(server, TestServer.APP)) {
            server.stop();
            assertTrue(reader.socket.endsWithin(Duration.ofSeconds(20)));
        }
    }
}
