package dev.reverb.server.cli;

import static dev.reverb.server.cli.ProgramTest.oneApp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code reverb tail} beside a running server. */
final class TailCommandTest {
    private static final Pattern MANAGEMENT = Pattern.compile("health and metrics on http://127.0.0.1:(\\d+)");

    @TempDir
    Path folder;

    private Program tail(int port, String secret, String... more) throws IOException {
        List<String> command = new ArrayList<>(
                List.of("tail", "--app", "shop", "--key", "shop-key", "--port", Integer.toString(port)));
        command.addAll(List.of(more));
        return Program.run(folder, Map.of("REVERB_APP_SECRET", secret), command.toArray(String[]::new));
    }

    @Test
    void whatHappensIsShownWhileItDoes() throws Exception {
        try (HttpClient http = HttpClient.newHttpClient();
                Program server = Program.run(folder, oneApp(), "start");
                Program tail = tail(server.port(), "hunter2", "--channel", "orders + 1")) {
            tail.await(
                    line -> line.startsWith("-- tail of application shop on this server, without what concerns other "
                            + "channels than orders + 1; times are UTC"));
            server.await(line -> line.endsWith("Application shop is read along with from 127.0.0.1"));
            Subscriber subscriber = Subscriber.join(http, server.port(), "shop-key", "orders");
            tail.await(line -> line.contains(" connected from 127.0.0.1"));
            HttpResponse<String> refused = http.send(HttpRequest
                    .newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/apps/shop/events?auth_key=x"))
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build(), HttpResponse.BodyHandlers.ofString());
            assertEquals(401, refused.statusCode());
            tail.await(line -> line.contains("POST /apps/shop/events 401 {\"error\":"));
            http.newWebSocketBuilder()
                    .buildAsync(URI.create("ws://127.0.0.1:" + server.port() + "/app/shop-key?protocol=7"),
                            new Subscriber())
                    .join()
                    .sendText("\u001b[31m", true);
            tail.await(line -> line.endsWith(" < ?[31m"));
            server.signal("TERM");
            assertEquals(1, tail.exit(), tail::output);
            assertTrue(tail.output().contains(" closed with 4100 (Server is restarting)"), tail.output());
            assertTrue(tail.output().endsWith("ended the stream: it has stopped, or no longer takes this secret"),
                    tail.output());
            assertTrue(tail.output().chars().noneMatch(c -> c == 0x1b), "nothing commands the terminal");
            assertEquals(4100, subscriber.closeCode());
        }
    }

    @Test
    void aSecretThatIsOneNoLongerEndsIt() throws Exception {
        String apps = "apps: [{app_id: shop, key: shop-key, secret: hunter2}]\n";
        Path file = Files.writeString(folder.resolve("reverb.yaml"), apps);
        try (Program server = Program.run(folder, ProgramTest.FREE_PORTS, "start", "--config", file.toString());
                Program tail = Program.run(folder, Map.of(), "tail", "--config", file.toString(), "--port",
                        Integer.toString(server.port()))) {
            tail.await(line -> line.startsWith("-- tail of application shop on this server, all channels"));
            Files.writeString(file, apps.replace("hunter2", "hunter3"));
            tail.await(line -> line.equals("-- the application was removed or disabled, or has another secret"));
            assertEquals(1, tail.exit(), tail::output);
        }
    }

    @Test
    void whyNothingIsShownIsSaid() throws Exception {
        int nobody;
        try (ServerSocket free = new ServerSocket(0)) {
            nobody = free.getLocalPort();
        }
        said(nobody, "hunter2", "nothing listens there (connection refused); is the server running");
        HttpServer web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("<html>hello</html>".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        web.start();
        said(web.getAddress().getPort(), "hunter2",
                "answered with something else than a Reverb server does: <html>hello</html>");
        web.stop(0);
        try (Program server = Program.run(folder, oneApp(), "start")) {
            int port = server.port();
            said(port, "wrong", "answered 401: auth_signature does not verify");
            said(port, "hunter2", "answered 404: There is no application with the id chat", "--app-id", "chat");
            Matcher management = MANAGEMENT.matcher(server.output());
            assertTrue(management.find(), server.output());
            said(Integer.parseInt(management.group(1)), "hunter2", "that is the management port: say --port, or --url");
        }
        try (Program tail = Program.run(folder, Map.of(), "tail")) {
            assertEquals(1, tail.exit());
            assertTrue(tail.output().contains("no application is configured here"), tail.output());
        }
    }

    private void said(int port, String secret, String text, String... more) throws Exception {
        try (Program tail = tail(port, secret, more)) {
            assertEquals(1, tail.exit(), tail::output);
            assertTrue(tail.output().contains(text), tail.output());
            assertEquals(1, tail.output().lines().count(), tail.output());
        }
    }
}
