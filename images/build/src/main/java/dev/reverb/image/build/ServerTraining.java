package dev.reverb.image.build;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Clients connect, subscribe to every kind of channel, receive; a back end publishes and asks. */
final class ServerTraining implements Training {

    private static final String KEY = "training-key";
    private static final String SECRET = "training-secret";
    private static final int CLIENTS = 20;
    private static final int PUBLISHES = 200;
    private static final Duration READY = Duration.ofMinutes(5);

    private final int port = freePort();
    private final int management = freePort();
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    ServerTraining() throws IOException {}

    @Override
    public List<String> arguments() {
        return List.of("start");
    }

    @Override
    public Map<String, String> environment() {
        return Map.of("REVERB_SERVER_HOST", "127.0.0.1", "REVERB_SERVER_PORT", Integer.toString(port),
                "REVERB_MANAGEMENT_PORT", Integer.toString(management), "REVERB_APP_ID", "training", "REVERB_APP_KEY",
                KEY, "REVERB_APP_SECRET", SECRET);
    }

    @Override
    public void exercise(BooleanSupplier alive) throws IOException, InterruptedException {
        awaitReady(alive);
        List<Listener> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(connect(i));
        }
        for (int i = 0; i < PUBLISHES; i++) {
            post("/apps/training/events", "{\"name\":\"trained\",\"data\":\"{\\\"n\\\":" + i
                    + "}\",\"channels\":[\"public-room\",\"private-room\"]}");
        }
        post("/apps/training/batch_events", "{\"batch\":[{\"name\":\"trained\",\"data\":\"1\","
                + "\"channel\":\"presence-room\",\"info\":\"user_count\"}]}");
        for (String path : List.of("channels", "channels/presence-room", "channels/presence-room/users",
                "connections")) {
            get(port, "/apps/training/" + path + "?" + signed("GET", "/apps/training/" + path, ""));
        }
        get(management, "/metrics");
        get(management, "/livez");
        for (Listener client : clients) {
            client.socket().sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        }
    }

    private void awaitReady(BooleanSupplier alive) throws IOException, InterruptedException {
        Instant end = Instant.now().plus(READY);
        while (true) {
            try {
                get(management, "/readyz");
                get(port, "/up"); // by chance another program may answer at the first of two ports, hardly at both
                return;
            } catch (IOException e) {
                if (!alive.getAsBoolean() || Instant.now().isAfter(end)) {
                    throw new IOException(
                            alive.getAsBoolean() ? "not ready within " + READY.toSeconds() + " s (" + e + ")"
                                    : "it ended by itself",
                            e);
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    private Listener connect(int number) throws IOException, InterruptedException {
        Listener listener = new Listener();
        WebSocket socket;
        try {
            socket = http.newWebSocketBuilder()
                    .buildAsync(URI.create("ws://127.0.0.1:" + port + "/app/" + KEY + "?protocol=7&client=training"),
                            listener)
                    .join();
        } catch (CompletionException e) {
            throw new IOException("a client could not connect: " + e.getCause(), e);
        }
        listener.await("connection_established");
        String id = listener.socketId();
        String member = "{\"user_id\":\"" + number + "\",\"user_info\":{\"name\":\"n\"}}";
        send(socket, "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"public-room\"}}");
        send(socket, "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-room\",\"auth\":\"" + KEY + ":"
                + hmac(id + ":private-room") + "\"}}");
        send(socket,
                "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"presence-room\",\"auth\":\"" + KEY + ":"
                        + hmac(id + ":presence-room:" + member) + "\",\"channel_data\":\""
                        + member.replace("\"", "\\\"") + "\"}}");
        listener.await("presence-room");
        send(socket, "{\"event\":\"client-typing\",\"channel\":\"private-room\",\"data\":{\"n\":1}}");
        send(socket, "{\"event\":\"pusher:ping\",\"data\":{}}");
        listener.await("pusher:pong");
        return listener;
    }

    private static void send(WebSocket socket, String message) {
        socket.sendText(message, true).join();
    }

    private void get(int target, String path) throws IOException, InterruptedException {
        request(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + target + path)).build());
    }

    private void post(String path, String body) throws IOException, InterruptedException {
        request(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path + "?" + signed("POST", path, body)))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    private void request(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(request + " got " + response.statusCode() + ": " + response.body());
        }
    }

    private static String signed(String method, String path, String body) {
        String query = "auth_key=" + KEY + "&auth_timestamp=" + Instant.now().getEpochSecond() + "&auth_version=1.0";
        if (!body.isEmpty()) {
            query += "&body_md5=" + md5(body);
        }
        return query + "&auth_signature=" + hmac(method + "\n" + path + "\n" + query);
    }

    private static String md5(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hmac(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
