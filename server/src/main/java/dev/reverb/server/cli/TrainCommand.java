package dev.reverb.server.cli;

import dev.reverb.server.config.Overrides;
import dev.reverb.server.config.ServerConfig.LogFormat;
import dev.reverb.server.config.Settings;
import dev.reverb.server.protocol.Signer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Uses a server in this process the way that clients and back ends do, then ends, so that the JVM can write an
 * ahead-of-time cache of what a start needs. For the launcher.
 */
final class TrainCommand implements Command {
    private static final String KEY = "training";
    private static final String SECRET = "training-secret";
    private static final Pattern SOCKET_ID = Pattern.compile("socket_id\\W+(\\d+\\.\\d+)");
    private static final int CLIENTS = 5;
    private static final int EVENTS = 50;

    @Override
    public String name() {
        return "train";
    }

    @Override
    public List<String> help() {
        return List.of("Exercises a server and ends, to train the JVM's cache. Called by the launcher.");
    }

    @Override
    public List<Flag> flags() {
        return List.of();
    }

    @Override
    public List<String> examples() {
        return List.of("java -XX:AOTCacheOutput=reverb.aot ... train");
    }

    @Override
    public int run(Arguments arguments, PrintWriter out) throws Exception {
        Path file = Files.createTempFile("reverb-training", ".yaml");
        try {
            Files.writeString(file, "apps: [{app_id: training, key: " + KEY + ", secret: " + SECRET + "}]\n");
            var _ = Arguments.parse(new StartCommand(), List.of("--port", "0"));
            Map<String, String> environment = Map.of("REVERB_SERVER_HOST", "127.0.0.1", "REVERB_SERVER_PORT", "0",
                    "REVERB_MANAGEMENT_PORT", "0");
            LogSetup.apply(LogFormat.TEXT, OutputStream.nullOutputStream());
            try (Settings settings = Settings.load(environment, Optional.of(file), Overrides.none());
                    ServerProcess process = ServerProcess.start(settings)) {
                exercise(process);
                process.beginDrain();
                process.awaitEnd();
            }
            return 0;
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static void exercise(ServerProcess process) throws IOException, InterruptedException {
        String authority = "127.0.0.1:" + process.address().getPort();
        try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            Client[] clients = new Client[CLIENTS];
            for (int i = 0; i < CLIENTS; i++) {
                clients[i] = Client.connect(http, authority, i);
            }
            SignedRequest api = new SignedRequest(URI.create("http://" + authority), KEY, SECRET);
            for (int i = 0; i < EVENTS; i++) {
                HttpResponse<String> response = api.post("/apps/training/events",
                        "{\"name\":\"trained\",\"data\":\"{}\",\"channels\":[\"room\",\"private-room\"]}");
                if (response.statusCode() != 200) {
                    throw new IOException(response.statusCode() + ": " + response.body());
                }
            }
            for (Client client : clients) {
                client.await("trained");
            }
            for (String path : new String[]{"/metrics", "/livez", "/readyz"}) {
                http.send(HttpRequest.newBuilder(URI.create(
                        "http://127.0.0.1:" + process.managementAddress().getPort() + path)).build(),
                        HttpResponse.BodyHandlers.discarding());
            }
            for (Client client : clients) {
                client.socket().sendClose(WebSocket.NORMAL_CLOSURE, "").join();
            }
        }
    }

    /** A connection that keeps what it received. */
    private record Client(WebSocket socket, Received received) {

        static Client connect(HttpClient http, String authority, int number) throws IOException, InterruptedException {
            Received received = new Received();
            WebSocket socket = http.newWebSocketBuilder().buildAsync(
                    URI.create("ws://" + authority + "/app/" + KEY + "?protocol=7&client=training&version=1"),
                    received).join();
            Client client = new Client(socket, received);
            Matcher matcher = SOCKET_ID.matcher(client.await("connection_established"));
            if (!matcher.find()) {
                throw new IOException("no socket id");
            }
            Signer signer = new Signer(SECRET);
            String member = "{\\\"user_id\\\":\\\"" + number + "\\\"}";
            client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"room\"}}");
            client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-room\",\"auth\":\"" + KEY + ":"
                    + signer.sign(matcher.group(1) + ":private-room") + "\"}}");
            client.send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"presence-room\",\"auth\":\"" + KEY
                    + ":" + signer.sign(matcher.group(1) + ":presence-room:" + member.replace("\\", ""))
                    + "\",\"channel_data\":\"" + member + "\"}}");
            client.await("subscription_succeeded\",\"data\":\"{\\\"presence");
            client.send("{\"event\":\"client-typing\",\"channel\":\"private-room\",\"data\":{\"n\":1}}");
            client.send("{\"event\":\"pusher:ping\",\"data\":{}}");
            client.await("pusher:pong");
            return client;
        }

        private void send(String text) {
            socket.sendText(text, true).join();
        }

        private String await(String text) throws IOException, InterruptedException {
            while (true) {
                String message = received.messages.poll(10, TimeUnit.SECONDS);
                if (message == null) {
                    throw new IOException("no " + text + " within 10 s");
                }
                if (message.contains(text)) {
                    return message;
                }
            }
        }
    }

    private static final class Received implements WebSocket.Listener {
        private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final StringBuilder part = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                messages.add(part.toString());
                part.setLength(0);
            }
            socket.request(1);
            return null;
        }
    }
}
