package dev.reverb.operator;

import dev.reverb.testkit.ApiClient;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.HttpSocket;
import dev.reverb.testkit.WireClient;
import dev.reverb.testkit.redis.RedisProcess;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A real server process that is started as the pod template of a cluster says: with its environment, and with the
 * Secrets in folders as a kubelet mounts them. Ports and paths alone are this machine's.
 */
final class ServerOf implements AutoCloseable {
    private final Path folder = Files.createTempDirectory("reverb-mounts-");
    private final int port = RedisProcess.freePort();
    private final Credentials app;
    private final Process process;
    private int mounted;

    /** Starts a server of the cluster {@code name} and waits until it listens. */
    ServerOf(Harness harness, String name) throws IOException {
        Container container = new Kubelet(harness.namespace, name).servers()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst();
        mount("config", data(harness, name + "-config"));
        List<EnvVar> env = container.getEnv();
        if (env.stream().anyMatch(variable -> variable.getName().equals("REVERB_TLS_CERT"))) {
            mount("tls", data(harness, Objects
                    .requireNonNull(Objects.requireNonNull(harness.cluster(name).getSpec().tls()).secretName())));
        }
        Map<String, String> own = Map.of("REVERB_SERVER_HOST", "127.0.0.1", "REVERB_SERVER_PORT", "" + port,
                "REVERB_MANAGEMENT_HOST", "127.0.0.1", "REVERB_MANAGEMENT_PORT", "0", "REVERB_TERMINATION_MESSAGE_PATH",
                folder.resolve("end").toString());
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", "-cp", System.getProperty("java.class.path"),
                "dev.reverb.server.cli.Main", "start").redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile());
        env.forEach(variable -> builder.environment()
                .put(variable.getName(), variable.getValue().replace("/etc/reverb", folder.toString())));
        builder.environment().putAll(own);
        Map<String, String> secret = data(harness, name + "-app");
        app = new Credentials(text(secret, "REVERB_APP_ID"), text(secret, "REVERB_APP_KEY"),
                text(secret, "REVERB_APP_SECRET"));
        process = builder.start();
        Await.until(Await.PATIENCE, () -> "the server does not listen: " + log(), () -> {
            if (!process.isAlive()) {
                throw new AssertionError(log());
            }
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            } catch (IOException _) {
                return false;
            }
        });
    }

    private static Map<String, String> data(Harness harness, String name) {
        return ApiServer
                .await("the Secret " + name,
                        () -> harness.client.secrets().inNamespace(harness.namespace).withName(name).get())
                .getData();
    }

    private static String text(Map<String, String> data, String key) {
        return new String(Base64.getDecoder().decode(data.getOrDefault(key, "")), StandardCharsets.UTF_8);
    }

    /** Makes {@code data} the contents of the mount {@code name}, all at once, by a link as a kubelet does. */
    void mount(String name, Map<String, String> data) throws IOException {
        Path mount = Files.createDirectories(folder.resolve(name));
        Path version = Files.createDirectory(mount.resolve("..version" + mounted++));
        for (Map.Entry<String, String> file : data.entrySet()) {
            Files.write(version.resolve(file.getKey()), Base64.getDecoder().decode(file.getValue()));
            Path link = mount.resolve(file.getKey());
            if (!Files.exists(link)) {
                Files.createSymbolicLink(link, Path.of("..data", file.getKey()));
            }
        }
        Path next = Files.createSymbolicLink(mount.resolve("..next"), version.getFileName());
        Files.move(next, mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Where a client of the cluster's application connects. */
    String target() {
        return "/app/" + app.key() + "?protocol=7";
    }

    Credentials app() {
        return app;
    }

    WireClient client() {
        WireClient client = WireClient.open(HttpSocket.connect(address()), app, target());
        client.skipTo("pusher:connection_established");
        return client;
    }

    ApiClient api() {
        return new ApiClient(address(), app);
    }

    String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        List<Path> files = new ArrayList<>();
        try (Stream<Path> found = Files.walk(folder)) {
            found.forEach(files::add);
            for (Path file : files.reversed()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
