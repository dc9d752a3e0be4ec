package dev.reverb.testkit.redis;

import dev.reverb.testkit.Await;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.embedded.core.ExecutableProvider;

/** A real Redis process that can be killed, paused and started again on its data. */
public final class RedisProcess implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(20);

    private final List<String> arguments;
    private final Path folder;
    private final int port;
    private @Nullable Process process;

    private RedisProcess(File executable, int port, Path folder, List<String> settings) {
        this.port = port;
        this.folder = folder;
        this.arguments = new ArrayList<>(List.of(executable.getPath()));
        arguments.addAll(settings);
    }

    /** A server; {@code settings} as on the command line, for example {@code --appendonly yes}. */
    public static RedisProcess server(String... settings) throws IOException {
        return server(executable(), settings);
    }

    public static RedisProcess server(File executable, String... settings) throws IOException {
        int port = freePort();
        Path folder = Files.createTempDirectory("reverb-redis-");
        List<String> all = new ArrayList<>(List.of("--port", "" + port, "--dir", folder.toString(), "--save", ""));
        all.addAll(List.of(settings));
        RedisProcess redis = new RedisProcess(executable, port, folder, all);
        redis.start();
        return redis;
    }

    /** A Sentinel that watches the primary {@code main} on a port of this machine. */
    public static RedisProcess sentinel(int primary, int quorum, String... lines) throws IOException {
        int port = freePort();
        Path folder = Files.createTempDirectory("reverb-sentinel-");
        Path file = folder.resolve("sentinel.conf");
        Files.writeString(file, """
            port %d
            dir %s
            sentinel monitor main 127.0.0.1 %d %d
            sentinel down-after-milliseconds main 800
            sentinel failover-timeout main 3000
            %s
            """.formatted(port, folder, primary, quorum, String.join("\n", lines)));
        RedisProcess redis = new RedisProcess(executable(), port, folder, List.of(file.toString(), "--sentinel"));
        redis.start();
        return redis;
    }

    /** The installed server, or the 6.2 that comes with the test library. */
    public static File executable() throws IOException {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
            File file = new File(folder, "redis-server");
            if (file.canExecute()) {
                return file;
            }
        }
        return bundled();
    }

    /** Redis 6.2. */
    public static File bundled() throws IOException {
        return ExecutableProvider.newJarResourceProvider().get();
    }

    public int port() {
        return port;
    }

    public String address() {
        return "127.0.0.1:" + port;
    }

    public void start() {
        try {
            process = new ProcessBuilder(arguments).redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Await.until(START, () -> "no answer from Redis on " + port, () -> {
            try {
                String answer = command("PING");
                return answer.contains("PONG") || answer.contains("NOAUTH");
            } catch (UncheckedIOException e) {
                return false;
            }
        });
    }

    /** Sends one command over a connection of its own and returns what comes back, up to a few kilobytes. */
    public String command(String... words) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(5_000);
            StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
            for (String word : words) {
                request.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
            }
            socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
            byte[] buffer = new byte[16 * 1024];
            int n = socket.getInputStream().read(buffer);
            return n < 0 ? "" : new String(buffer, 0, n, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public boolean running() {
        return process != null && process.isAlive();
    }

    /** SIGKILL. */
    public void kill() {
        if (process != null) {
            process.destroyForcibly();
            process.onExit().join();
        }
    }

    /** SIGSTOP. */
    public void pause() {
        signal("-STOP");
    }

    /** SIGCONT. */
    public void resume() {
        signal("-CONT");
    }

    private void signal(String signal) {
        if (process == null) {
            throw new IllegalStateException("not started");
        }
        try {
            if (new ProcessBuilder("kill", signal, "" + process.pid()).start().waitFor() != 0) {
                throw new IllegalStateException("kill " + signal + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        kill();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted((a, b) -> b.compareTo(a)).map(Path::toFile).forEach(File::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
