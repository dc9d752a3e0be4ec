package dev.reverb.server.cluster.nodes;

import dev.reverb.server.cluster.redis.FaultyServer;
import dev.reverb.server.cluster.redis.LinkFault;
import dev.reverb.testkit.Await;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One server of a cluster, as a process of its own. */
final class ServerNode implements AutoCloseable {

    static final String APP = "app";
    static final String KEY = "app-key";
    static final String SECRET = "app-secret";

    private static final Duration START = Duration.ofMinutes(2);
    private static final Pattern LISTENS = Pattern.compile("listens on http://127.0.0.1:(\\d+)");
    private static final Pattern MANAGES = Pattern.compile("health and metrics on (http://\\S+)");
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final HttpClient http = HttpClient.newHttpClient();
    private final int number = NUMBERS.incrementAndGet();
    private final Process process;
    private final Path log;
    private volatile int port;
    private volatile @Nullable URI management;

    private ServerNode(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Waits until it listens. */
    ServerNode awaitStart() {
        Await.until(START, () -> "no server: " + output(), () -> {
            if (!process.isAlive()) {
                throw new AssertionError("the server ended: " + output());
            }
            return find(MANAGES).find();
        });
        return this;
    }

    /**
     * Starts a server with scaling on, and returns at once.
     *
     * @param settings further variables of its environment: where Redis is
     */
    static ServerNode start(Path folder, Map<String, String> settings) throws IOException {
        return start(folder, settings, LinkFault.NONE);
    }

    /** The same with a fault in its link to Redis. */
    static ServerNode start(Path folder, Map<String, String> settings, LinkFault fault) throws IOException {
        return start(folder, settings, fault, List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED"));
    }

    /** The same with these options of the JVM. */
    static ServerNode start(Path folder, Map<String, String> settings, LinkFault fault, List<String> options)
            throws IOException {
        Path log = Files.createTempFile(folder, "server-", ".log");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(options);
        command.addAll(List.of("-Djava.io.tmpdir=" + folder, "-cp", classPath()));
        command.addAll(fault == LinkFault.NONE ? List.of("dev.reverb.server.cli.Main", "start")
                : List.of(FaultyServer.class.getName(), fault.name()));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        String path = System.getenv("PATH");
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.putAll(Map.of("PATH", path, "HOME", folder.toString(), "REVERB_SERVER_HOST", "127.0.0.1",
                "REVERB_SERVER_PORT", "0", "REVERB_MANAGEMENT_PORT", "0", "REVERB_SCALING_ENABLED", "true",
                "REVERB_APP_ID", APP, "REVERB_APP_KEY", KEY, "REVERB_APP_SECRET", SECRET));
        environment.putAll(settings);
        return new ServerNode(builder.start(), log);
    }

    /** This process's own, as it is seen from another working directory. */
    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Distinguishes it from all others of this run of tests. */
    int number() {
        return number;
    }

    int port() {
        if (port == 0) {
            port = Integer.parseInt(awaitStart().first(LISTENS));
        }
        return port;
    }

    /** Waits until it reaches Redis. */
    void awaitReached() {
        Await.until(START, () -> "Redis not reached: " + output(), () -> meter("reverb_redis_connected") == 1);
    }

    boolean alive() {
        return process.isAlive();
    }

    /** Everything that it has printed. */
    String output() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Matcher find(Pattern pattern) {
        return pattern.matcher(output());
    }

    private String first(Pattern pattern) {
        Matcher matcher = find(pattern);
        if (!matcher.find()) {
            throw new AssertionError(pattern + " is not in " + output());
        }
        return matcher.group(1);
    }

    /** The status of a page of its management port. */
    int status(String page) {
        return get(page).statusCode();
    }

    /** The text of a page of its management port. */
    String page(String page) {
        return get(page).body();
    }

    /** The value of a meter without tags; 0 where it is not served. */
    double meter(String name) {
        return meter(get("/metrics").body(), name);
    }

    /** Those lines of its meters that match. */
    String meters(String pattern) {
        return get("/metrics").body()
                .lines()
                .filter(line -> line.matches(pattern))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    /** The same, of a scrape page that was read. */
    static double meter(String page, String name) {
        Matcher matcher = Pattern.compile("(?m)^" + name + " (\\S+)$").matcher(page);
        return matcher.find() ? Double.parseDouble(matcher.group(1)) : 0;
    }

    private HttpResponse<String> get(String page) {
        try {
            URI base = management;
            if (base == null) {
                base = URI.create(awaitStart().first(MANAGES));
                management = base;
            }
            return http.send(HttpRequest.newBuilder(base.resolve(page)).timeout(Duration.ofSeconds(20)).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Waits until it reaches Redis and nothing that it accepted is unwritten. */
    void awaitWritten() {
        Await.until(Duration.ofSeconds(60), () -> "holds " + meter("reverb_scaling_held_bytes") + " bytes: " + output(),
                () -> meter("reverb_redis_connected") == 1 && meter("reverb_scaling_held_bytes") == 0);
    }

    /** Resident memory, bytes. */
    long resident() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", "" + process.pid(), "status"))) {
                if (line.startsWith("VmRSS:")) {
                    return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
            throw new AssertionError("no VmRSS");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends {@code TERM}, {@code STOP} or {@code CONT}. */
    void signal(String name) {
        try {
            if (new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor() != 0) {
                throw new AssertionError("kill -" + name + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for its end; returns the exit code. */
    int awaitEnd() throws InterruptedException {
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            throw new AssertionError("still running: " + output());
        }
        return process.exitValue();
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() {
        kill();
        http.close();
    }
}
