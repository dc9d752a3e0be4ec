package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that starts the server: which Java it takes, and that its cache never outlives the jars. */
@Tag("slow")
final class LauncherTest {
    private static final Path HOME = Path.of(System.getProperty("java.home"));
    private static final Map<String, String> SERVE = Map.of("JAVA_HOME", HOME.toString(), "REVERB_SERVER_HOST",
            "127.0.0.1", "REVERB_SERVER_PORT", "0", "REVERB_MANAGEMENT_PORT", "0");

    @TempDir
    Path folder;

    private Path launcher = Path.of("..");

    @BeforeEach
    void layOut() throws IOException {
        launcher = InstalledTree.in(folder);
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
        InstalledTree.jar(List.of(unpacked(old)), jar, Map.of(entry, Files.readAllBytes(classes.resolve(entry))));

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

    @Test
    void withoutAHomeFolderItStarts() throws Exception {
        try (Program program = Program.execute(folder, Map.of(),
                List.of("env", "-u", "HOME", "-u", "JAVA_HOME", launcher.toString(), "--version"))) {
            assertEquals(0, program.exit(), program::output);
            assertTrue(program.output().contains("Reverb " + Version.text()), program.output());
        }
    }

    @Test
    void aJavaHomeThatCannotBeUsedIsSaidAndAnotherOneTaken() throws Exception {
        try (Program program = Program.execute(folder, Map.of("JAVA_HOME", "/nope"),
                List.of(launcher.toString(), "--version"))) {
            assertEquals(0, program.exit(), program::output);
            assertTrue(program.output().startsWith("reverb: JAVA_HOME=/nope is not there: taking /"), program.output());
        }
    }

    @Test
    void aHeapThatIsSmallerThanTheFirstOneHereIsNoClash() throws Exception {
        for (String options : List.of("-Xmx8m", "-Xmx8192k", "-XX:MaxHeapSize=8388608")) {
            assertEquals("Reverb " + Version.text(), version(Map.of("JAVA_OPTS", options)), options);
        }
    }

    @Test
    void quotesInTheFlagsKeepAValueTogether() throws Exception {
        for (String options : List.of("-Dname='a b' -Xmx64m", "\"-Dname=a b\"", "-Dname=a\\ b '-Dother=c d'")) {
            assertEquals("Reverb " + Version.text(), version(Map.of("JAVA_OPTS", options)), options);
        }
        try (Program program = Program.execute(folder, Map.of("JAVA_HOME", HOME.toString(), "JAVA_OPTS", "-Dname='a b"),
                List.of(launcher.toString(), "--version"))) {
            assertEquals(1, program.exit(), program::output);
            assertEquals("reverb: JAVA_OPTS=-Dname='a b: a quote in it is not closed", program.output().strip());
        }
    }

    @Test
    void buildTakesNoFlags() throws Exception {
        for (String flag : List.of("--help", "--port", "now")) {
            try (Program program = Program.execute(folder, Map.of("JAVA_HOME", HOME.toString(), "REVERB_AOT", "off"),
                    List.of(launcher.toString(), "build", flag))) {
                assertEquals(flag.equals("--help") ? 0 : 2, program.exit(), program::output);
                assertTrue(program.output().contains("builds what is missing or older than its sources"),
                        program.output());
            }
        }
    }

    @Test
    void argumentsAreUtf8WhateverTheLocale() throws Exception {
        for (String locale : List.of("POSIX", "C", "xx_XX.UTF-8")) {
            try (Program program = Program.execute(folder, Map.of("LC_ALL", locale, "JAVA_HOME", HOME.toString()),
                    List.of(launcher.toString(), "check", "--host", "gr\u00fc\u00dfe \u20ac"))) {
                assertEquals(1, program.exit(), program::output);
                assertTrue(program.output().contains("--host: \"gr\u00fc\u00dfe \u20ac\" is not allowed"),
                        program.output());
            }
        }
    }

    @Test
    void whatIsBuiltRunsForAUserWhoMayNotBuildAndAnUnbuiltFolderSaysWhoMay() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "becomes another user");
        InstalledTree.open(folder);
        Path source = Files.createDirectories(folder.resolve("server/src/main")).resolve("Newer.java");
        Files.writeString(source, "");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
        try (Program stale = asNobody("--version")) {
            assertEquals(0, stale.exit(), stale::output);
            assertTrue(
                    stale.output()
                            .startsWith("reverb: the sources are newer than what is built, which runs as it "
                                    + "is: user nobody may not write to " + folder
                                    + "/server/target; to build, run: sudo -u root " + launcher + " build"),
                    stale.output());
            assertTrue(stale.output().contains("Reverb " + Version.text()), stale.output());
        }
        Files.delete(folder.resolve("server/target/reverb-server.jar"));
        try (Program unbuilt = asNobody("check")) {
            assertEquals(1, unbuilt.exit(), unbuilt::output);
            assertTrue(unbuilt.output().startsWith("reverb: this folder is not built yet: user nobody may not write"),
                    unbuilt.output());
            assertEquals(1, unbuilt.output().lines().count(), unbuilt.output());
        }
    }

    private Program asNobody(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", launcher.toString()));
        command.addAll(List.of(arguments));
        return Program.execute(Path.of("/"), Map.of("JAVA_HOME", HOME.toString()), command);
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
}
