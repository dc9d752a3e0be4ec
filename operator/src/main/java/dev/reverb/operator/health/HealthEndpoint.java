package dev.reverb.operator.health;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** {@code /livez}, {@code /readyz} and {@code /metrics}. */
public final class HealthEndpoint implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * Starts to serve.
     *
     * @param port to listen on, 0 for any free one
     * @param live false when only a restart helps
     * @param ready whether the operator can act, or would if it led
     * @param detail lines that say what is not as it should be, though this operator is ready; empty when nothing is
     * @param metrics in the text format of Prometheus
     * @throws IOException when the port is taken
     */
    public HealthEndpoint(int port, BooleanSupplier live, BooleanSupplier ready, Supplier<String> detail,
            Supplier<String> metrics) throws IOException {
        server = HttpServer.create(new InetSocketAddress(port), 64);
        server.setExecutor(threads);
        server.createContext("/livez", exchange -> answer(exchange, live.getAsBoolean(), "live\n",
                "no thread is free to reconcile, for minutes\n"));
        server.createContext("/readyz", exchange -> answer(exchange, ready.getAsBoolean(), "ready\n" + detail.get(),
                detail.get().isEmpty() ? "no namespace's objects are known yet\n" : "not ready\n" + detail.get()));
        server.createContext("/metrics", exchange -> answer(exchange, 200, metrics.get()));
        server.start();
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    private static void answer(HttpExchange exchange, boolean holds, String yes, String no) throws IOException {
        answer(exchange, holds ? 200 : 503, holds ? yes : no);
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        exchange.sendResponseHeaders(status, body.length);
        try (var stream = exchange.getResponseBody()) {
            stream.write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
