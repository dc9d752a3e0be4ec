package dev.reverb.server.cli;

import static dev.reverb.server.cli.ProgramTest.oneApp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two first questions of whoever starts: did my event arrive, and why was I refused? */
final class DebugTest {

    @TempDir
    Path folder;

    @Test
    void theDebugStreamAnswersWhetherAnEventArrivedAndWhySomebodyWasRefused() throws Exception {
        Map<String, String> environment = oneApp();
        environment.put("REVERB_APP_ALLOWED_ORIGINS", "shop.test");
        try (HttpClient http = HttpClient.newHttpClient();
                Program server = Program.run(folder, environment, "start", "--debug")) {
            String root = "ws://127.0.0.1:" + server.port();
            server.await(line -> line.contains("Debug: each line begins with the application"));
            Subscriber subscriber = new Subscriber();
            WebSocket socket = subscriber.connect(http.newWebSocketBuilder().header("Origin", "http://shop.test"), root,
                    "shop-key");
            socket.sendText("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"orders\"}}", true).join();
            subscriber.await("subscription_succeeded");
            publish(server, "orders,nobody", "hunter2", 0);
            server.await(line -> line.endsWith("shop event for orders: 1 subscriber, nobody: no subscribers"));
            server.await(line -> line.endsWith("POST /apps/shop/events 200"));
            publish(server, "orders", "wrong", 1);
            server.await(line -> line.contains("POST /apps/shop/events 401 {\"error\":"));
            assertFalse(server.output().contains("auth_signature="), server.output());

            refused(http, root + "/app/nope", "http://shop.test");
            server.await(line -> line.contains("is refused with 4001") && line.contains("/app/nope"));
            refused(http, root + "/app/shop-key", "http://evil.test");
            server.await(line -> line.contains("is refused with 4009") && line.contains("Origin http://evil.test"));
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
            server.await(line -> line.endsWith("closed with 1000"));

            List<String> lines = server.output().lines().toList();
            int connected = index(lines, "connected from 127.0.0.1");
            assertTrue(connected >= 0 && connected < index(lines, "connection_established"), server.output());
        }
    }

    @Test
    void withoutItWrongKeysAndOriginsAreStillSaidButNotMoreThanOnceAMinute() throws Exception {
        try (HttpClient http = HttpClient.newHttpClient(); Program server = Program.run(folder, oneApp(), "start")) {
            String root = "ws://127.0.0.1:" + server.port();
            for (int i = 0; i < 50; i++) {
                refused(http, root + "/app/nope", "http://shop.test");
            }
            server.await(line -> line.contains("WARN") && line.contains("is refused with 4001"));
            long lines = server.output().lines().filter(line -> line.contains("4001")).count();
            assertTrue(lines <= Runtime.getRuntime().availableProcessors(), server.output());
            HttpResponse<String> nothing = http.send(
                    HttpRequest.newBuilder(URI.create(root.replace("ws:", "http:") + "/x")).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertEquals(404, nothing.statusCode());
            assertFalse(server.output().contains("GET /x"), server.output());
        }
    }

    private void publish(Program server, String channels, String secret, int exit) throws Exception {
        try (Program command = Program.run(folder, Map.of("REVERB_APP_SECRET", secret), "publish", "--port",
                Integer.toString(server.port()), "--app-id", "shop", "--key", "shop-key", "--channel", channels,
                "--event", "shipped")) {
            assertEquals(exit, command.exit(), command::output);
        }
    }

    private static void refused(HttpClient http, String address, String origin) throws Exception {
        Subscriber subscriber = new Subscriber();
        http.newWebSocketBuilder()
                .header("Origin", origin)
                .buildAsync(URI.create(address + "?protocol=7"), subscriber)
                .join();
        subscriber.closeCode();
    }

    private static int index(List<String> lines, String text) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).contains(text)) {
                return i;
            }
        }
        return -1;
    }
}
