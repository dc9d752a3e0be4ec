package dev.reverb.server.config.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.reverb.server.config.ScalingConfig.RedisConfig;
import dev.reverb.server.config.source.Overrides;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How Redis is reached follows the file without a restart. */
final class LiveRedisTest {
    private static final String APP = "apps: [{app_id: a, key: k, secret: s}]\n";

    @TempDir
    Path folder;

    private final BlockingQueue<RedisConfig> changes = new LinkedBlockingQueue<>();

    private Settings settings(String redis, Map<String, String> env) throws IOException {
        write(redis);
        Settings settings = Settings.load(env, Optional.of(file()), Overrides.none());
        settings.onRedis(changes::add);
        return settings;
    }

    private Path file() {
        return folder.resolve("reverb.yaml");
    }

    private void write(String redis) throws IOException {
        Path next = Files.writeString(folder.resolve("next"), APP + "scaling: {enabled: true}\nredis: " + redis + "\n");
        Files.move(next, file(), StandardCopyOption.REPLACE_EXISTING);
    }

    private RedisConfig next() throws InterruptedException {
        RedisConfig config = changes.poll(10, TimeUnit.SECONDS);
        if (config == null) {
            throw new AssertionError("no change was reported");
        }
        return config;
    }

    @Test
    void anotherPasswordAndUrlAreReported() throws Exception {
        try (Settings _ = settings("{password: old}", Map.of())) {
            write("{password: new}");
            assertEquals(Optional.of("new"), next().password());
            write("{url: \"rediss://me:secret@redis.example.com:6380\"}");
            RedisConfig config = next();
            assertEquals(List.of("redis.example.com:6380"), config.nodes());
            assertEquals(Optional.of("secret"), config.password());
            assertEquals(true, config.tls());
        }
    }

    @Test
    void certificatesThatChangeInTheirFileAreReported() throws Exception {
        Path ca = Files.writeString(folder.resolve("ca.crt"), "one");
        try (Settings _ = settings("{password: old}", Map.of("REDIS_TLS", "true", "REDIS_CAFILE", ca.toString()))) {
            Files.writeString(ca, "two");
            assertEquals(Optional.of(ca), next().cafile());
        }
    }

    @Test
    void anotherKindOfInstallationOrDatabaseWaitsForARestart() throws Exception {
        try (Settings settings = settings("{password: old}", Map.of())) {
            write("{cluster: {nodes: \"a:1\"}}");
            awaitReloads(settings, 1);
            write("{db: 3}");
            awaitReloads(settings, 2);
            write("{password: new}");
            assertEquals(Optional.of("new"), next().password());
            assertNull(changes.poll());
        }
    }

    @Test
    void whatTheEnvironmentSaysStays() throws Exception {
        try (Settings settings = settings("{password: old}", Map.of("REDIS_PASSWORD", "mine"))) {
            write("{password: new}");
            awaitReloads(settings, 1);
            assertNull(changes.poll());
        }
    }

    private static void awaitReloads(Settings settings, long number) throws InterruptedException {
        BlockingQueue<ReloadStatus> told = new LinkedBlockingQueue<>();
        settings.onReload(told::add);
        while (true) {
            ReloadStatus status = told.poll(10, TimeUnit.SECONDS);
            if (status == null) {
                throw new AssertionError("the file was not read again");
            }
            if (status.reloads() >= number) {
                return;
            }
        }
    }
}
