package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.testkit.Await;
import java.io.BufferedReader;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose standard output is a pipe that nobody reads. */
final class StalledLogTest {

    private static final Pattern LISTENS = Pattern.compile("listens on \\S+?:(\\d+) with");

    @TempDir
    Path folder;

    @Test
    void aServerWhoseLogIsNotReadServesOnAndSaysLaterWhatIsMissing() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + folder, "-cp", System.getProperty("java.class.path"),
                Main.class.getName(), "start", "--debug").directory(folder.toFile()).redirectErrorStream(true);
        Map<String, String> environment = ProgramTest.oneApp();
        builder.environment().putAll(environment);
        Process process = builder.start();
        try (HttpClient http = HttpClient.newHttpClient();
                BufferedReader log = process.inputReader(StandardCharsets.UTF_8)) {
            int port = port(log);
            for (int round = 0; round < 40; round++) { // more than any pipe holds, and each connection logs a line
                Subscriber client = new Subscriber();
                WebSocket socket = client.connect(http.newWebSocketBuilder(), "ws://127.0.0.1:" + port, "shop-key");
                for (int i = 0; i < 200; i++) {
                    socket.sendText("{\"event\":\"pusher:ping\",\"data\":{\"x\":\"" + "x".repeat(200) + "\"}}", true)
                            .get(60, TimeUnit.SECONDS);
                }
                client.await("pusher:pong");
                socket.abort();
            }
            AtomicBoolean said = new AtomicBoolean();
            Thread reader = Thread.ofVirtual().start(() -> log.lines().forEach(line -> {
                if (line.contains("log lines were dropped")) {
                    said.set(true);
                }
            }));
            Await.until("the line that says what is missing", said::get);
            assertTrue(process.isAlive());
            process.destroy();
            reader.join();
        } finally {
            process.destroyForcibly();
        }
    }

    private static int port(BufferedReader log) throws Exception {
        for (String line : (Iterable<String>) log.lines()::iterator) {
            Matcher matcher = LISTENS.matcher(line);
            if (matcher.find()) {
                return Integer.parseInt(matcher.group(1));
            }
        }
        throw new AssertionError("it ended before it listened");
    }
}
