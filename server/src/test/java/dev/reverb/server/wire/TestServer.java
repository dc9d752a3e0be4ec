package dev.reverb.server.wire;

import dev.reverb.server.boot.ReverbServer;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import dev.reverb.server.lifecycle.DrainReport;
import dev.reverb.server.listener.ReverbListener;
import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.HttpReply;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.WireClient;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A server for one test: settings first, then it starts with the first call that needs it, on free loopback ports. It
 * serves the application {@link #APP} and those that were added; clients that it opened end with it.
 */
public final class TestServer implements AutoCloseable {

    /** The application that every server has. */
    public static final Credentials APP = new Credentials("app", "app-key", "app-secret");

    /**
     * A server has memory of its own outside the heap, which a collection frees: what is on the heap seldom asks for
     * one.
     */
    private static final int SERVERS_PER_COLLECTION = 50;
    private static final AtomicInteger STARTED = new AtomicInteger();

    private final Map<String, String> env = new HashMap<>();
    private final Map<Credentials, List<String>> apps = new HashMap<>();
    private final List<String> file = new ArrayList<>();
    private final List<Closeable> opened = new ArrayList<>();
    private ReverbServer.Options options = ReverbServer.Options.defaults();
    private @Nullable ReverbServer running;

    TestServer() {
        env.put("REVERB_SERVER_HOST", "127.0.0.1");
        env.put("REVERB_SERVER_PORT", "0");
        env.put("REVERB_MANAGEMENT_PORT", "0");
        apps.put(APP, new ArrayList<>());
    }

    // ---- settings ----

    /** Adds lines of YAML to the application {@link #APP}. */
    public TestServer app(String... lines) {
        return app(APP, lines);
    }

    /** Adds an application, or lines of YAML to one. */
    public TestServer app(Credentials credentials, String... lines) {
        requireNotStarted();
        apps.computeIfAbsent(credentials, _ -> new ArrayList<>()).addAll(List.of(lines));
        return this;
    }

    /** Adds lines of YAML beside {@code apps:}. */
    public TestServer file(String... lines) {
        requireNotStarted();
        file.addAll(List.of(lines));
        return this;
    }

    /** Sets an environment variable. */
    public TestServer env(String name, String value) {
        requireNotStarted();
        env.put(name, value);
        return this;
    }

    /** Adds listeners of the five events. */
    public TestServer listeners(ReverbListener... listeners) {
        requireNotStarted();
        options = new ReverbServer.Options(null, List.of(listeners), options.maxConnections());
        return this;
    }

    /** Serves at most {@code count} sockets at one time. */
    public TestServer sockets(int count) {
        requireNotStarted();
        options = new ReverbServer.Options(null, List.of(), count);
        return this;
    }

    private synchronized void requireNotStarted() {
        if (running != null) {
            throw new IllegalStateException("settings come before the first use of the server");
        }
    }

    private String yaml() {
        StringBuilder yaml = new StringBuilder();
        file.forEach(line -> yaml.append(line).append('\n'));
        yaml.append("apps:\n");
        apps.forEach((app, lines) -> {
            yaml.append("  - app_id: \"")
                    .append(app.appId())
                    .append("\"\n    key: ")
                    .append(app.key())
                    .append("\n    secret: ")
                    .append(app.secret())
                    .append('\n');
            lines.forEach(line -> yaml.append("    ").append(line).append('\n'));
        });
        return yaml.toString();
    }

    /** SHA-256 of the configuration file, hexadecimal. */
    String fileDigest() {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(yaml().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- running ----

    private synchronized ReverbServer running() {
        if (running == null) {
            running = start();
        }
        return running;
    }

    private ReverbServer start() {
        if (STARTED.incrementAndGet() % SERVERS_PER_COLLECTION == 0) {
            System.gc();
        }
        try {
            Path folder = Files.createTempDirectory("reverb-wire");
            opened.add(() -> Files.delete(folder));
            Path config = Files.writeString(folder.resolve("reverb.yaml"), yaml());
            opened.add(() -> Files.delete(config));
            Settings settings = Settings.load(env, Optional.of(config), Overrides.none());
            opened.add(settings::close);
            ReverbServer server = ReverbServer.start(settings.server(), settings.apps(), options);
            opened.add(server::close);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public InetSocketAddress address() {
        return running().address();
    }

    /** Where back ends send their requests. */
    public InetSocketAddress apiAddress() {
        return running().apiAddress();
    }

    /** Starts a drain; completes when the last connection is closed. */
    public CompletableFuture<DrainReport> drain() {
        return running().drain();
    }

    /** Ends the server at once; its clients find out. */
    public void stop() {
        running().close();
    }

    // ---- clients ----

    /** A client of {@link #APP}, connected, its {@code connection_established} consumed. */
    public WireClient connect() {
        return connect(APP);
    }

    /** A client of an application, connected, its {@code connection_established} consumed. */
    public WireClient connect(Credentials credentials) {
        WireClient client = open(credentials, "/app/" + credentials.key() + "?protocol=7&client=test&version=1.0", 0);
        client.next("pusher:connection_established");
        return client;
    }

    /** As {@link #connect()}, with a receive buffer of few bytes, so that it is soon a slow reader when it pauses. */
    public WireClient connectWithSmallBuffer() {
        WireClient client = open(APP, "/app/" + APP.key() + "?protocol=7", 4096);
        client.next("pusher:connection_established");
        return client;
    }

    /** Sends an upgrade request for {@code target}, with more header lines. */
    public WireClient open(String target, String... headers) {
        return open(APP, target, 0, headers);
    }

    private WireClient open(Credentials credentials, String target, int receiveBuffer, String... headers) {
        WireClient client = WireClient.open(address(), credentials, target, receiveBuffer, headers);
        synchronized (this) {
            opened.add(client::close);
        }
        return client;
    }

    /** A plain connection to the server's port. */
    public HttpSocket socket() {
        HttpSocket socket = HttpSocket.connect(address());
        synchronized (this) {
            opened.add(socket::close);
        }
        return socket;
    }

    /** A back end of {@link #APP}. */
    public ApiClient api() {
        return api(APP);
    }

    /** A back end of an application. */
    public ApiClient api(Credentials credentials) {
        return new ApiClient(apiAddress(), credentials);
    }

    /** A plain connection to the management port. */
    public HttpSocket managementSocket() {
        HttpSocket socket = HttpSocket.connect(running().managementAddress());
        synchronized (this) {
            opened.add(socket::close);
        }
        return socket;
    }

    /** {@code GET path} on the management port. */
    public HttpReply management(String path) {
        try (HttpSocket socket = HttpSocket.connect(running().managementAddress())) {
            return socket.write("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").read();
        }
    }

    /** The sum of all samples of a metric whose labels contain {@code label}, 0 when there is none. */
    public double metric(String name, String label) {
        return management("/metrics").body()
                .lines()
                .filter(line -> (line.startsWith(name + "{") && line.contains(label)) || line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Override
    public synchronized void close() {
        for (Closeable one : opened.reversed()) {
            try {
                one.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
