package dev.reverb.server.wire;

import tools.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.reverb.server.protocol.Signer;
import dev.reverb.testkit.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A back end that receives webhooks: it verifies each request, keeps each event once by its id, and answers as set. */
final class WebhookReceiver implements AutoCloseable {

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<JsonNode> events = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();
    private final List<String> problems = new ArrayList<>();
    private volatile int status = 200;
    private volatile CountDownLatch stall = new CountDownLatch(0);
    private int requests;

    WebhookReceiver(int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    WebhookReceiver() throws IOException {
        this(0);
    }

    String url() {
        return "http://127.0.0.1:" + port() + "/hook";
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        int now = status;
        synchronized (this) {
            requests++;
            check("POST".equals(exchange.getRequestMethod()), "method " + exchange.getRequestMethod());
            check("application/json".equals(exchange.getRequestHeaders().getFirst("Content-Type")), "type");
            check(TestServer.APP.key().equals(exchange.getRequestHeaders().getFirst("X-Pusher-Key")), "key");
            check(new Signer(TestServer.APP.secret()).sign(body)
                    .equals(exchange.getRequestHeaders().getFirst("X-Pusher-Signature")), "signature");
            if (now / 100 == 2) {
                for (JsonNode event : Json.parse(new String(body, StandardCharsets.UTF_8)).get("events")) {
                    if (ids.add(event.get("id").asString())) { // a late answer lets it come again
                        events.add(event);
                    }
                }
            }
        }
        try {
            stall.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (now / 100 == 3) {
            exchange.getResponseHeaders().set("Location", "/elsewhere");
        }
        byte[] text = "thanks".getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(now, text.length);
        exchange.getResponseBody().write(text);
        exchange.close();
    }

    private void check(boolean holds, String what) {
        if (!holds) {
            problems.add(what);
        }
    }

    WebhookReceiver answers(int code) {
        status = code;
        return this;
    }

    void stalls() {
        stall = new CountDownLatch(1);
    }

    void answersAgain() {
        stall.countDown();
    }

    synchronized int requests() {
        return requests;
    }

    /** Events as {@code name channel}, and what else they say, without ids; those of counts left out. */
    synchronized List<String> events() {
        return events.stream()
                .filter(event -> !event.get("name").asString().equals("subscription_count"))
                .map(event -> {
                    StringBuilder text = new StringBuilder();
                    event.properties().forEach(field -> {
                        if (!field.getKey().equals("id") && !field.getKey().equals("socket_id")) {
                            text.append(text.isEmpty() ? "" : " ").append(field.getValue().asString());
                        }
                    });
                    return text.toString();
                })
                .toList();
    }

    /** What was wrong with requests. */
    synchronized List<String> problems() {
        return List.copyOf(problems);
    }

    @Override
    public void close() {
        stall.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
