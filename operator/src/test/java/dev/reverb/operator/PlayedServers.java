package dev.reverb.operator;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.reverb.operator.plan.Digest;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Plays the management ports of the servers of one cluster, each on a loopback address of its own: {@code /status} by
 * the rules of the real one, with the file that the cluster's aggregate Secret holds.
 */
public final class PlayedServers {
    private static final JsonMapper JSON = new JsonMapper();
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Map<String, PlayedServers> CLUSTERS = new ConcurrentHashMap<>();
    private static @Nullable HttpServer http;

    private final String subnet;
    private final String namespace;
    private final String cluster;
    /** Connections on each server. */
    public volatile long connections;
    /** Why the file is refused as a whole, by ordinal. */
    public final Map<Integer, String> stale = new ConcurrentHashMap<>();
    /** Why an application is refused, by ordinal and id: {@code "0/shop"}. */
    public final Map<String, String> refused = new ConcurrentHashMap<>();
    /** Servers that answer nothing. */
    public final Set<Integer> silent = ConcurrentHashMap.newKeySet();
    /** When a previous secret was last used, by ordinal and id. */
    public final Map<String, String> previousSecretUsed = new ConcurrentHashMap<>();
    /** Servers whose mount is not refreshed, with the digest of the file that it holds. */
    private final Map<Integer, Optional<String>> frozen = new ConcurrentHashMap<>();

    PlayedServers(String namespace, String cluster) {
        this.namespace = namespace;
        this.cluster = cluster;
        int number = NUMBER.incrementAndGet();
        subnet = "127." + (1 + number / 250) + "." + (1 + number % 250) + ".";
        CLUSTERS.put(subnet, this);
    }

    /** The address of the server {@code ordinal}. */
    String address(int ordinal) {
        return subnet + (1 + ordinal);
    }

    /** The port, the same for all. */
    static synchronized int port() {
        HttpServer started = http;
        if (started == null) {
            started = start();
            http = started;
        }
        return started.getAddress().getPort();
    }

    private static HttpServer start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress("0.0.0.0", 0), 64);
            server.createContext("/status", PlayedServers::answer);
            // its thread is a daemon when the one that starts it is
            Thread.ofPlatform().daemon().start(server::start).join();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void answer(HttpExchange exchange) throws IOException {
        String address = exchange.getLocalAddress().getAddress().getHostAddress();
        int dot = address.lastIndexOf('.') + 1;
        PlayedServers servers = CLUSTERS.get(address.substring(0, dot));
        int ordinal = Integer.parseInt(address.substring(dot)) - 1;
        if (servers == null || servers.silent.contains(ordinal)) {
            exchange.sendResponseHeaders(503, -1);
        } else {
            byte[] body = servers.status(ordinal).toString().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    /** From now on the server {@code ordinal} keeps the file that it has. */
    public void freeze(int ordinal) {
        frozen.put(ordinal, digest());
    }

    /** The server {@code ordinal} takes what is there now, and follows it. */
    public void thaw(int ordinal) {
        frozen.remove(ordinal);
    }

    private ObjectNode status(int ordinal) {
        ObjectNode status = JSON.createObjectNode();
        status.put("connections", connections);
        var list = status.putArray("refused");
        refused.forEach((place, reason) -> {
            if (place.startsWith(ordinal + "/")) {
                list.addObject()
                        .put("id", place.substring(place.indexOf('/') + 1))
                        .put("reason", reason)
                        .put("lastFormInForce", true);
            }
        });
        var previous = status.putArray("previousSecrets");
        previousSecretUsed.forEach((place, time) -> {
            if (place.startsWith(ordinal + "/")) {
                previous.addObject().put("id", place.substring(place.indexOf('/') + 1)).put("lastUsed", time);
            }
        });
        ObjectNode settings = status.putObject("settings");
        settings.put("digest", frozen.getOrDefault(ordinal, Optional.empty()).or(this::digest).orElse(null));
        settings.put("stale", stale.containsKey(ordinal) || !list.isEmpty());
        settings.put("problem", stale.get(ordinal));
        return status;
    }

    private Optional<String> digest() {
        Secret config = ApiServer.client().secrets().inNamespace(namespace).withName(cluster + "-config").get();
        return Optional.ofNullable(config)
                .map(secret -> Digest.sha256(new String(Base64.getDecoder().decode(secret.getData().get("reverb.yaml")),
                        StandardCharsets.UTF_8)));
    }
}
