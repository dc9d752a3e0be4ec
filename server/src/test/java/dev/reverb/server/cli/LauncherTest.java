package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that starts the server: which Java it takes, and that its cache never outlives the jars. */
final class LauncherTest {
    private static final Path HOME = Path.of(System.getProperty("java.home"));
    private static final Map<String, String> SERVE = Map.of("JAVA_HOME", HOME.toString(), "REVERB_SERVER_HOST",
            "127.0.0.1", "REVERB_SERVER_PORT", "0", "REVERB_MANAGEMENT_PORT", "0");

    @TempDir
    Path folder;

    private Path launcher = Path.of("..");

    /** A built server without its sources, as it would be unpacked somewhere. */
    @BeforeEach
    void layOut() throws IOException {
        launcher = Files.copy(Path.of("..", "reverb"), folder.resolve("reverb"));
        Path target = folder.resolve("server/target");
        Files.createDirectories(target.resolve("lib"));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry);
            String name = path.getFileName().toString();
            if (name.endsWith(".jar") && !name.startsWith("junit") && !name.startsWith("archunit")) {
                Files.copy(path, target.resolve("lib").resolve(name), StandardCopyOption.REPLACE_EXISTING);
            } else if (Files.exists(path.resolve("dev/reverb/model/App.class"))) {
                jar(path, target.resolve("lib/reverb-model.jar"), Map.of());
            } else if (Files.exists(path.resolve("dev/reverb/server/cli/version.properties"))) {
                jar(path, target.resolve("reverb-server.jar"), Map.of());
            }
        }
    }

    @Test
    void aReplacedJarIsNeverServedFromTheCacheOfTheOldOne() throws Exception {
        Path jar = folder.resolve("server/target/reverb-server.jar");
        assertTrue(start().contains("preparing a fast start"), "the first start trains");
        Path cache = cache().orElseThrow();
        assertTrue(!start().contains("preparing"), "the second start does not");
        assertEquals("Reverb " + Version.text(), version(Map.of()));

        Path classes = Files.createDirectory(folder.resolve("classes"));
        Path source = Files.writeString(folder.resolve("Version.java"), """
            package dev.reverb.server.cli;
            final class Version { static String text() { return "replaced"; } }
            """);
        assertEquals(0, ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-d", classes.toString(), source.toString()));
        String entry = "dev/reverb/server/cli/Version.class";
        Path old = Files.move(jar, folder.resolve("old.jar"));
        jar(unpacked(old), jar, Map.of(entry, Files.readAllBytes(classes.resolve(entry))));

        assertEquals("Reverb replaced", version(Map.of()));
        assertTrue(start().contains("preparing a fast start"), "the new jar has its own cache");
        assertNotEquals(Optional.of(cache), cache());
        assertTrue(!Files.exists(cache), "the old cache is removed");
        assertEquals("Reverb replaced", version(Map.of()));
    }

    @Test
    void flagsOfItsUserWinAndNeverStopAStart() throws Exception {
        start();
        for (String options : List.of("-XX:+UseSerialGC", "-XX:+UseZGC -Xmx256m", "-XX:-UseCompactObjectHeaders")) {
            assertEquals("Reverb " + Version.text(), version(Map.of("JAVA_OPTS", options)), options);
        }
    }

    @Test
    void withoutJavaItSaysWhatToInstall() throws Exception {
        Path empty = Files.createDirectories(folder.resolve("bin"));
        for (String tool : List.of("bash", "env", "dirname", "readlink", "cat", "find")) {
            Files.createSymbolicLink(empty.resolve(tool), which(tool));
        }
        String script = Files.readString(launcher).replace("needed=25", "needed=99");
        Files.writeString(launcher, script);
        try (Program program = Program.execute(folder, Map.of("PATH", empty.toString()),
                List.of(launcher.toString(), "start"))) {
            assertEquals(1, program.exit());
            assertTrue(program.output().startsWith("reverb: Java 99 or newer is needed and was not found"),
                    program.output());
            assertTrue(program.output().contains("Install a JDK"), program.output());
        }
    }

    private String start() throws Exception {
        try (Program server = Program.execute(folder, SERVE, List.of(launcher.toString(), "start"))) {
            server.port();
            server.signal("TERM");
            assertEquals(0, server.exit(), server::output);
            return server.output();
        }
    }

    private String version(Map<String, String> more) throws Exception {
        Map<String, String> environment = new HashMap<>(SERVE);
        environment.putAll(more);
        try (Program program = Program.execute(folder, environment, List.of(launcher.toString(), "--version"))) {
            assertEquals(0, program.exit(), program::output);
            return program.output().lines().findFirst().orElseThrow();
        }
    }

    private Optional<Path> cache() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("server/target/aot"))) {
            return files.filter(file -> file.toString().endsWith(".aot")).findFirst();
        }
    }

    private static Path which(String tool) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(Path::of)
                .map(path -> path.resolve(tool))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }

    private Path unpacked(Path jar) throws IOException {
        Path target = Files.createDirectory(folder.resolve("unpacked"));
        Process process = new ProcessBuilder(HOME.resolve("bin/jar").toString(), "xf", jar.toString())
                .directory(target.toFile())
                .inheritIO()
                .start();
        try {
            assertEquals(0, process.waitFor());
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return target;
    }

    /** A jar of {@code classes}, with some entries replaced. */
    private static void jar(Path classes, Path jar, Map<String, byte[]> replaced) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file)) {
            Files.walkFileTree(classes, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) throws IOException {
                    String name = classes.relativize(path).toString().replace(File.separatorChar, '/');
                    out.putNextEntry(new JarEntry(name));
                    out.write(replaced.getOrDefault(name, Files.readAllBytes(path)));
                    out.closeEntry();
                    return FileVisitResult.CONTINUE;
                }
            });
        }
    }
}
