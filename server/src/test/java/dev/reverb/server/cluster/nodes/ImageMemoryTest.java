package dev.reverb.server.cluster.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.redis.LinkFault;
import dev.reverb.testkit.Await;
import dev.reverb.testkit.redis.RedisProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server takes with the JVM options of the image, which is what the operator's request has to cover. */
final class ImageMemoryTest {
    private static final int CLIENTS = 300;
    private static final int CHANNELS = 4;
    private static final int PUBLICATIONS = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long MEBIBYTE = 1 << 20;

    @TempDir
    Path folder;

    @Test
    @Tag("slow")
    void aServerWith300ClientsStaysBelowWhatItsPodRequests() throws Exception {
        try (RedisProcess redis = RedisProcess.server();
                Crowd crowd = new Crowd();
                ServerNode node = ServerNode.start(folder, Map.of("REDIS_PORT", "" + redis.port()), LinkFault.NONE,
                        options())) {
            node.awaitReached();
            List<Spectator> spectators = IntStream.range(0, CLIENTS)
                    .mapToObj(i -> new Spectator(ApiPublisher.channel(i % CHANNELS), false))
                    .toList();
            spectators.forEach(spectator -> crowd.join(node.port(), spectator));
            Await.until(PATIENCE, () -> "clients not subscribed",
                    () -> spectators.stream().allMatch(Spectator::subscribed));
            try (ApiPublisher _ = new ApiPublisher(new Ledger(), new CopyOnWriteArrayList<>(List.of(node)), CHANNELS,
                    200)) {
                Await.until(PATIENCE, () -> "not all came",
                        () -> spectators.stream().allMatch(spectator -> spectator.count() >= PUBLICATIONS / CHANNELS));
            }
            long resident = node.resident() / MEBIBYTE;
            System.out.println(resident + " MiB resident with " + CLIENTS + " clients");
            assertTrue(resident < requested(), resident + " MiB are resident, " + requested() + " MiB are requested");
        }
    }

    @Test
    void theHeapIsBoundedByTheMemoryThatTheContainerMayUse() throws Exception {
        for (int limit : List.of(256, 512, 2048)) {
            List<String> command = new ArrayList<>(
                    List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
            command.addAll(options());
            // stands for the limit of a container, which the JVM would read from its control group
            command.addAll(List.of("-XX:MaxRAM=" + limit + "m", "-XX:+PrintFlagsFinal", "-version"));
            Process java = new ProcessBuilder(command).redirectErrorStream(true).start();
            String flags = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, java.waitFor(), flags);
            assertEquals(16, number(flags, "InitialHeapSize") / MEBIBYTE);
            assertTrue(number(flags, "MaxHeapSize") <= limit * MEBIBYTE * 42 / 100,
                    () -> limit + " MiB: a heap of " + number(flags, "MaxHeapSize"));
        }
    }

    private static long number(String flags, String name) {
        Matcher matcher = Pattern.compile(" " + name + " += (\\d+)").matcher(flags);
        assertTrue(matcher.find(), name);
        return Long.parseLong(matcher.group(1));
    }

    /** Those of the image. */
    private static List<String> options() throws IOException {
        return List.of(first(repository().resolve("images/server/pom.xml"), "<image.options>([^<]+)</image.options>")
                .split(" "));
    }

    /** Mebibytes that the operator requests for a server's pod. */
    private static long requested() throws IOException {
        return Long.parseLong(
                first(repository().resolve("operator/src/main/java/dev/reverb/operator/desired/server/ServerPod.java"),
                        "\"memory\", new Quantity\\(\"(\\d+)Mi\""));
    }

    private static String first(Path file, String pattern) throws IOException {
        Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(file));
        assertTrue(matcher.find(), pattern + " is not in " + file);
        return matcher.group(1);
    }

    private static Path repository() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("images")) ? here : Objects.requireNonNull(here.getParent());
    }
}
