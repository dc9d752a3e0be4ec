package dev.reverb.server.clients;

import static dev.reverb.server.clients.Publisher.succeeded;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.pusher.rest.data.Event;
import com.pusher.rest.data.Result;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code pusher-http-java} as a publisher. */
@Timeout(60)
class JavaSdkTest {

    @Test
    void aBatchReachesEachOfItsChannels() {
        try (Application application = new Application();
                Publisher publisher = application.publisher();
                Subscriber client = application.client(publisher, "1")) {
            client.subscribe("open", "one");
            client.subscribe("private-encrypted-secret", "two");
            succeeded(publisher.trigger(List.of(new Event("open", "one", Map.of("n", 1)),
                    new Event("private-encrypted-secret", "two", Map.of("n", 2)))));
            assertEquals("{\"n\":1}", client.next("open", "one").data());
            assertEquals("{\"n\":2}", client.next("private-encrypted-secret", "two").data());
        }
    }

    @Test
    void oneEventReachesSeveralChannels() {
        try (Application application = new Application();
                Publisher publisher = application.publisher();
                Subscriber client = application.client(publisher, "1")) {
            client.subscribe("a", "news");
            client.subscribe("b", "news");
            assertEquals("{}", succeeded(publisher.trigger(List.of("a", "b"), "news", Map.of())));
            client.next("a", "news");
            client.next("b", "news");
        }
    }

    @Test
    void questionsAreAnswered() {
        try (Application application = new Application();
                Publisher publisher = application.publisher();
                Subscriber client = application.client(publisher, "7")) {
            client.subscribe("presence-room");
            assertEquals("{\"channels\":{\"presence-room\":{\"user_count\":1}}}", succeeded(
                    publisher.get("/channels", Map.of("filter_by_prefix", "presence-", "info", "user_count"))));
            assertEquals("{\"users\":[{\"id\":\"7\"}]}", succeeded(publisher.get("/channels/presence-room/users")));
        }
    }

    @Test
    void aWrongSecretAndAnUnknownApplicationAreToldApart() {
        try (Application application = new Application();
                Publisher wrong = new Publisher(application.port(), Application.ID, "wrong");
                Publisher unknown = new Publisher(application.port(), "unknown", Application.SECRET)) {
            assertEquals(Result.Status.AUTHENTICATION_ERROR, wrong.trigger("open", "news", Map.of()).getStatus());
            assertEquals(Result.Status.NOT_FOUND, unknown.trigger("open", "news", Map.of()).getStatus());
        }
    }
}
