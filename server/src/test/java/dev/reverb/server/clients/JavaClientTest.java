package dev.reverb.server.clients;

import static dev.reverb.server.clients.Publisher.succeeded;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code pusher-java-client} as a subscriber; it speaks protocol 5. */
@Timeout(60)
class JavaClientTest {

    @ParameterizedTest
    @ValueSource(strings = {"orders", "private-orders", "presence-orders", "private-encrypted-orders", "cache-orders",
            "private-cache-orders", "presence-cache-orders", "private-encrypted-cache-orders"})
    void everyKindOfChannelDeliversWhatIsPublished(String channel) {
        try (Application application = new Application();
                Publisher publisher = application.publisher();
                Subscriber client = application.client(publisher, "7")) {
            client.subscribe(channel, "paid");
            succeeded(publisher.trigger(channel, "paid", Map.of("id", 1)));
            assertEquals("{\"id\":1}", client.next(channel, "paid").data());
        }
    }

    @Test
    void presenceTellsWhoIsThereWhoComesAndWhoGoes() {
        try (Application application = new Application();
                Publisher publisher = application.publisher();
                Subscriber anna = application.client(publisher, "1")) {
            anna.subscribe("presence-room");
            assertEquals("1", anna.next("presence-room", Subscriber.HERE).data());
            try (Subscriber bert = application.client(publisher, "2")) {
                bert.subscribe("presence-room");
                assertEquals("1,2", bert.next("presence-room", Subscriber.HERE).data());
                Subscriber.Heard joined = anna.next("presence-room", Subscriber.JOINED);
                assertEquals("2", joined.userId());
                assertEquals("{\"name\":\"User 2\"}", joined.data());
            }
            assertEquals("2", anna.next("presence-room", Subscriber.LEFT).userId());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"private-typing", "presence-typing"})
    void clientEventsGoToTheOthersAndNotBack(String channel) {
        try (Application application = new Application();
                Publisher publisher = application.publisher();
                Subscriber anna = application.client(publisher, "1");
                Subscriber bert = application.client(publisher, "2")) {
            anna.subscribe(channel, "client-typing");
            bert.subscribe(channel, "client-typing");
            anna.trigger(channel, "client-typing", "{\"by\":\"anna\"}");
            Subscriber.Heard heard = bert.next(channel, "client-typing");
            assertEquals("{\"by\":\"anna\"}", heard.data());
            assertEquals(channel.startsWith("presence-") ? "1" : null, heard.userId());
            bert.trigger(channel, "client-typing", "{\"by\":\"bert\"}");
            assertEquals("{\"by\":\"bert\"}", anna.next(channel, "client-typing").data());
        }
    }

    @Test
    void cacheChannelsTellOfAMissAndGiveTheLastEventToWhoComesLate() {
        try (Application application = new Application();
                Publisher publisher = application.publisher();
                Subscriber first = application.client(publisher, "1");
                Subscriber late = application.client(publisher, "2")) {
            first.subscribe("private-cache-price", "price", Subscriber.CACHE_MISS);
            first.next("private-cache-price", Subscriber.CACHE_MISS);
            succeeded(publisher.trigger("private-cache-price", "price", Map.of("eur", 1)));
            succeeded(publisher.trigger("private-cache-price", "price", Map.of("eur", 2)));
            late.subscribe("private-cache-price", "price", Subscriber.CACHE_MISS);
            assertEquals("{\"eur\":2}", late.next("private-cache-price", "price").data());
            assertEquals(List.of(), late.left("private-cache-price"));
        }
    }

    @Test
    void theSocketThatThePublisherNamesIsLeftOut() {
        try (Application application = new Application();
                Publisher publisher = application.publisher();
                Subscriber cause = application.client(publisher, "1")) {
            cause.subscribe("comments", "added");
            succeeded(publisher.trigger("comments", "added", 1, cause.socketId()));
            succeeded(publisher.trigger("comments", "added", 2));
            assertEquals("2", cause.next("comments", "added").data());
        }
    }

    @Test
    void aClientReturnsToANewServerWithItsChannels() {
        try (Application old = new Application();
                Publisher publisher = old.publisher();
                Subscriber client = old.client(publisher, "1")) {
            client.subscribe("presence-room", "news");
            String socket = client.socketId();
            int port = old.port();
            old.stop();
            try (Application _ = new Application(port)) {
                client.next("", Subscriber.CONNECTED);
                assertNotEquals(socket, client.socketId());
                client.next("presence-room", Subscriber.SUBSCRIBED);
                succeeded(publisher.trigger("presence-room", "news", Map.of()));
                client.next("presence-room", "news");
            }
        }
    }
}
