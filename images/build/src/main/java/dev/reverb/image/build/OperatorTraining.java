package dev.reverb.image.build;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * The operator meets an API server that has one ReverbCluster, agrees to everything and forgets it at once. That is not
 * Kubernetes, but it makes the operator load what a reconcile needs.
 */
final class OperatorTraining implements Training {

    private static final Duration READY = Duration.ofMinutes(5);
    private static final int ACTIONS = 5;
    private static final String CLUSTER = """
        {"apiVersion":"reverb.dev/v1","kind":"ReverbCluster","metadata":{"name":"training","namespace":"default",
        "uid":"00000000-0000-0000-0000-000000000001","resourceVersion":"1","generation":1,
        "creationTimestamp":"2026-01-01T00:00:00Z"},"spec":{"replicas":2}}""";

    private final HttpServer api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicInteger actions = new AtomicInteger();
    private final int management = freePort();

    OperatorTraining() throws IOException {
        api.setExecutor(threads);
        api.createContext("/", this::answer);
        api.start();
    }

    @Override
    public List<String> arguments() {
        return List.of();
    }

    @Override
    public Map<String, String> environment() {
        return Map.of("KUBERNETES_MASTER", "http://127.0.0.1:" + api.getAddress().getPort(),
                "KUBERNETES_AUTH_TRYKUBECONFIG", "false", "KUBERNETES_AUTH_TRYSERVICEACCOUNT", "false",
                "REVERB_OPERATOR_LEADER_ELECTION", "false", "REVERB_OPERATOR_MANAGEMENT_PORT",
                Integer.toString(management), "HOSTNAME", "training");
    }

    @Override
    public void exercise(BooleanSupplier alive) throws IOException, InterruptedException {
        Instant end = Instant.now().plus(READY);
        while (!ready() || actions.get() < ACTIONS) {
            if (!alive.getAsBoolean() || Instant.now().isAfter(end)) {
                throw new IOException((alive.getAsBoolean() ? "" : "it ended by itself: ") + "after at most "
                        + READY.toSeconds() + " s the operator was " + (ready() ? "" : "not ")
                        + "ready and had changed " + actions.get() + " objects");
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private boolean ready() throws InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http
                    .send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + management + "/readyz")).build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode() == 200;
        } catch (IOException _) {
            return false;
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        byte[] body = exchange.getRequestBody().readAllBytes();
        // the client offers h2c in the same header
        if ("websocket".equalsIgnoreCase(exchange.getRequestHeaders().getFirst("Upgrade"))) {
            reply(exchange, 200, new byte[0]); // no WebSocket here: the client then watches over plain HTTP
        } else if (query.contains("watch=true")) {
            watch(exchange);
        } else if (!exchange.getRequestMethod().equals("GET")) {
            actions.incrementAndGet();
            reply(exchange, 200, body);
        } else if (path.endsWith("/reverbclusters")) {
            reply(exchange, 200, list("ReverbClusterList", "reverb.dev/v1", CLUSTER));
        } else if (path.endsWith("/reverbclusters/training")) {
            reply(exchange, 200, CLUSTER.getBytes(StandardCharsets.UTF_8));
        } else if (path.endsWith("s")) {
            reply(exchange, 200, list("List", "v1", ""));
        } else {
            reply(exchange, 404, ("{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\","
                    + "\"reason\":\"NotFound\",\"code\":404}").getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Says nothing until the training is over, as a quiet Kubernetes does. */
    private void watch(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().flush();
        try {
            over.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        exchange.close();
    }

    private static byte[] list(String kind, String version, String items) {
        return "{\"kind\":\"%s\",\"apiVersion\":\"%s\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[%s]}"
                .formatted(kind, version, items)
                .getBytes(StandardCharsets.UTF_8);
    }

    private static void reply(HttpExchange exchange, int code, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        over.countDown();
        api.stop(0);
        threads.shutdownNow();
    }
}
