package dev.reverb.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.model.setting.SettingsException;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files that are no configuration: they end neither the server nor its notice of later ones. */
@Timeout(60)
final class HostileFileTest {
    private static final String APP = "{app_id: a, key: k, secret: s}";

    @TempDir
    Path folder;

    /** What may lie where a configuration file is expected, and what is said of it. */
    enum Hostile {
        BOMB("counting what aliases stand for") {
            @Override
            void make(Path file) throws IOException {
                StringBuilder yaml = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
                for (int i = 1; i < 10; i++) {
                    String alias = "*a" + (i - 1);
                    yaml.append("a" + i + ": &a" + i + " [" + (alias + ", ").repeat(9) + alias + "]\n");
                }
                Files.writeString(file, yaml.append("apps: *a9\n"));
            }
        },
        LONG_LIST("keys and values") {
            @Override
            void make(Path file) throws IOException {
                Files.writeString(file, "apps: [" + "a,".repeat(1_000_000) + "a]");
            }
        },
        LARGE("more than 4194304") {
            @Override
            void make(Path file) throws IOException {
                try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
                    sparse.setLength(1L << 30);
                }
            }
        },
        DEEP("nested deeper than any setting") {
            @Override
            void make(Path file) throws IOException {
                Files.writeString(file, "apps: " + "[".repeat(1_000_000));
            }
        },
        DEEP_KEYS("nested deeper than any setting") {
            @Override
            void make(Path file) throws IOException {
                Files.writeString(file, "{a: ".repeat(500_000));
            }
        },
        PIPE("is a pipe, a socket or a device") {
            @Override
            void make(Path file) throws Exception {
                assertEquals(0, new ProcessBuilder("mkfifo", file.toString()).start().waitFor());
            }
        },
        DEVICE("is a pipe, a socket or a device") {
            @Override
            void make(Path file) throws IOException {
                Files.createSymbolicLink(file, Path.of("/dev/zero"));
            }
        },
        FOLDER("is a folder") {
            @Override
            void make(Path file) throws IOException {
                Files.createDirectory(file);
            }
        },
        LONG_KEY("there is no such key") {
            @Override
            void make(Path file) throws IOException {
                Files.writeString(file, "? \"" + "x".repeat(1_000_000) + "\"\n: 1\n");
            }
        },
        BINARY("not valid UTF-8") {
            @Override
            void make(Path file) throws IOException {
                Files.write(file, new byte[]{(byte) 0xff, (byte) 0xfe, 0, 1});
            }
        };

        private final String said;

        Hostile(String said) {
            this.said = said;
        }

        abstract void make(Path file) throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void isRefusedAtStartInOneShortLine(Hostile hostile) throws Exception {
        Path file = folder.resolve("reverb.yaml");
        hostile.make(file);
        long before = System.nanoTime();

        String message = String.valueOf(assertThrows(SettingsException.class,
                () -> Settings.load(Map.of(), Optional.of(file), Overrides.none())).getMessage());

        assertTrue(message.contains(hostile.said), message.substring(0, Math.min(500, message.length())));
        assertTrue(message.length() < 1_000, message.length() + " characters");
        assertEquals(1, message.lines().count());
        assertTrue(System.nanoTime() - before < TimeUnit.SECONDS.toNanos(30), "it took more than 30 s");
    }

    @ParameterizedTest
    @EnumSource
    void leavesARunningServerAsItIsAndALaterGoodFileIsTaken(Hostile hostile) throws Exception {
        Path file = Files.writeString(folder.resolve("reverb.yaml"), "apps: [" + APP + "]");
        try (Settings settings = Settings.load(Map.of(), Optional.of(file), Overrides.none())) {
            Files.delete(file);
            hostile.make(file);
            await(settings, () -> settings.reloads().problem().orElse("").contains(hostile.said));
            assertNotNull(settings.apps().byId("a"));

            Path good = Files.writeString(folder.resolve("good"), "apps: [" + APP.replace("a,", "b,") + "]");
            if (Files.isDirectory(file)) {
                Files.delete(file);
            }
            Files.move(good, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            await(settings, () -> settings.apps().byId("b") != null);
            await(settings, () -> settings.reloads().problem().isEmpty());
        }
    }

    @Test
    void anAliasWithinBoundsIsFine() throws IOException {
        Path file = Files.writeString(folder.resolve("reverb.yaml"), """
            apps:
              - {app_id: a, key: k, secret: s, allowed_origins: &origins [example.com, localhost]}
              - {app_id: b, key: l, secret: s, allowed_origins: *origins}
            """);

        assertEquals(2, Settings.read(Map.of(), Optional.of(file), Overrides.none()).apps().all().size());
    }

    private static void await(Settings settings, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            String problem = settings.reloads().problem().orElse("none");
            assertTrue(System.nanoTime() < end, "problem: " + problem.substring(0, Math.min(300, problem.length())));
            LockSupport.parkNanos(1_000_000);
        }
    }
}
