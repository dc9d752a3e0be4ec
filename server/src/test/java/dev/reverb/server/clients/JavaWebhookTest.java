package dev.reverb.server.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.pusher.rest.data.Validity;
import com.sun.net.httpserver.HttpServer;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.Json;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Webhooks, as {@code pusher-http-java} validates them. */
@Timeout(120)
class JavaWebhookTest {

    private record Request(String key, String signature, String body) {}

    @TempDir
    Path folder;

    private final List<Request> requests = new CopyOnWriteArrayList<>();

    private List<String> events() {
        return requests.stream()
                .flatMap(request -> Json.parse(request.body).get("events").valueStream())
                .map((JsonNode event) -> event.get("name").asString())
                .toList();
    }

    @Test
    void theLibraryTakesEveryRequest() throws Exception {
        HttpServer receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            requests.add(new Request(exchange.getRequestHeaders().getFirst("X-Pusher-Key"),
                    exchange.getRequestHeaders().getFirst("X-Pusher-Signature"),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        receiver.start();
        String url = "http://127.0.0.1:" + receiver.getAddress().getPort() + "/pusher";
        try (Application application = new Application(folder.resolve("reverb.yaml"), List.of(url));
                Publisher publisher = application.publisher();
                Publisher other = new Publisher(application.port(), Application.ID, "another")) {
            try (Subscriber client = application.client(publisher, "1")) {
                client.subscribe("presence-room");
                Await.until("both are occupied and joined",
                        () -> events().containsAll(List.of("channel_occupied", "member_added")));
            }
            Await.until("they are left", () -> events().containsAll(List.of("channel_vacated", "member_removed")));
            assertFalse(requests.isEmpty());
            for (Request request : requests) {
                assertEquals(Validity.VALID,
                        publisher.validateWebhookSignature(request.key, request.signature, request.body));
                assertEquals(Validity.INVALID,
                        publisher.validateWebhookSignature(request.key, request.signature, request.body + " "));
                assertEquals(Validity.INVALID,
                        other.validateWebhookSignature(request.key, request.signature, request.body));
                assertEquals(Validity.SIGNED_WITH_WRONG_KEY,
                        publisher.validateWebhookSignature("another", request.signature, request.body));
            }
        } finally {
            receiver.stop(0);
        }
    }
}
