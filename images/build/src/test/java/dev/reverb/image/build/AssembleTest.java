package dev.reverb.image.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.image.boot.ClassPathKey;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class AssembleTest {

    private static final String BOOT = "dev.reverb.image.boot.Boot";
    private static final FileTime EPOCH = FileTime.from(1, TimeUnit.SECONDS);

    @TempDir
    Path folder;

    private Path jars;
    private Path root;

    @BeforeEach
    void folders() throws IOException {
        jars = Files.createDirectories(folder.resolve("lib"));
        root = folder.resolve("image/root");
    }

    @Test
    void theProgramRunsFromTheCacheAndWithoutTheFilesThatItWasBuiltFrom() throws Exception {
        compile("one");
        assemble();
        Files.move(jars, folder.resolve("elsewhere"));

        Run run = run("-Xlog:class+load");

        assertEquals(0, run.code, run.output);
        assertTrue(run.output.contains("version one"), run.output);
        assertTrue(run.output.contains("Program source: shared objects file"), run.output);
    }

    /** Some caches are refused by the JVM where a jar has another time than in training: a real image's is. */
    @Test
    void jarsHaveTheTimeInTrainingThatTheyHaveInAnImage() throws Exception {
        compile("one");
        assemble();
        for (Path jar : FileTree.find(root.resolve("app"), ".jar")) {
            assertEquals(EPOCH, Files.getLastModifiedTime(jar), jar.toString());
        }
    }

    @Test
    void aChangedJarIsTrainedAgainAndItsNewClassesRun() throws Exception {
        compile("one");
        assemble();
        List<Path> before = FileTree.find(root, ".aot");
        compile("two");
        assemble();

        Run run = run("-Xlog:class+load");

        assertTrue(run.output.contains("version two"), run.output);
        assertTrue(run.output.contains("Program source: shared objects file"), run.output);
        assertEquals(1, FileTree.find(root, ".aot").size());
        assertNotEquals(before, FileTree.find(root, ".aot"));
    }

    @Test
    void anUnchangedJarIsNotTrainedAgain() throws Exception {
        compile("one");
        assemble();
        FileTime trained = Files.getLastModifiedTime(FileTree.find(root, ".aot").getFirst());
        assemble();
        assertEquals(trained, Files.getLastModifiedTime(FileTree.find(root, ".aot").getFirst()));
    }

    /** The JVM alone would run the old class here: see the second half. */
    @Test
    void aJarReplacedInTheImageIsRefusedInsteadOfRunningOldClasses() throws Exception {
        compile("one");
        assemble();
        compile("two");
        Files.copy(jars.resolve("program.jar"), root.resolve("app/lib/program.jar"),
                StandardCopyOption.REPLACE_EXISTING);

        Run refused = run();
        assertEquals(78, refused.code, refused.output);
        assertFalse(refused.output.contains("version"), refused.output);
        assertTrue(refused.output.contains("Build the image again"), refused.output);

        Run unguarded = run("-Dreverb.image.jars=any");
        assertTrue(unguarded.output.contains("version one"), unguarded.output);

        Run withoutCache = run("-Dreverb.image.jars=any", "-XX:AOTMode=off");
        assertTrue(withoutCache.output.contains("version two"), withoutCache.output);
    }

    @Test
    void aTrainingThatFailsFailsTheBuildWithWhatTheProgramSaid() throws Exception {
        compile("one");
        Assemble assemble = new Assemble(settings(),
                () -> new Lesson(folder.resolve("image/training.log"), "never printed"));
        IOException failure = assertThrows(IOException.class, assemble::run);
        assertTrue(String.valueOf(failure.getMessage()).contains("version one"), failure.getMessage());
    }

    @Test
    void anUnknownSettingNamesTheKnownOnes() {
        IllegalArgumentException failure = assertThrows(IllegalArgumentException.class,
                () -> Assemble.main(new String[]{"rot=x"}));
        assertTrue(String.valueOf(failure.getMessage()).contains("\"rot=x\""), failure.getMessage());
        assertTrue(String.valueOf(failure.getMessage()).contains("sysroot"), failure.getMessage());
    }

    @Test
    void anUnknownArchitectureNamesTheKnownOnes() {
        IllegalArgumentException failure = assertThrows(IllegalArgumentException.class,
                () -> Architecture.parse("riscv64"));
        assertEquals("image.arch is \"riscv64\"; allowed: [amd64, arm64]", failure.getMessage());
    }

    private Map<String, String> settings() {
        return new TreeMap<>(Map.of("root", root.toString(), "jars", jars.toString(), "main", "Program", "training",
                "test", "options", "-XX:+UseSerialGC -Xmx64m"));
    }

    private void assemble() throws Exception {
        new Assemble(settings(), () -> new Lesson(folder.resolve("image/training.log"), "version")).run();
    }

    /**
     * A jar of one class that prints its version; always the same time and (with versions of one length) nearly the
     * same size.
     */
    private void compile(String version) throws IOException, URISyntaxException {
        Path sources = Files.createDirectories(folder.resolve(version));
        Path source = sources.resolve("Program.java");
        Files.writeString(source, """
            public class Program {
                public static void main(String[] args) throws Exception {
                    System.out.println("version %s");
                    if (args.length == 0) Thread.sleep(60_000);
                }
            }
            """.formatted(version));
        Command.jdk("javac", List.of("-d", sources.toString(), source.toString()));
        Path jar = jars.resolve("program.jar");
        Command.jdk("jar", List.of("--create", "--date", "2026-01-01T00:00:00Z", "--file", jar.toString(), "-C",
                sources.toString(), "Program.class"));
        Files.setLastModifiedTime(jar, EPOCH);
        Path boot = jars.resolve("boot.jar");
        Path classes = Path.of(ClassPathKey.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isRegularFile(classes)) { // packed already, where this runs after the package phase of its module
            Files.copy(classes, boot, StandardCopyOption.REPLACE_EXISTING);
        } else {
            Command.jdk("jar", List.of("--create", "--date", "2026-01-01T00:00:00Z", "--file", boot.toString(), "-C",
                    classes.toString(), "."));
        }
    }

    private Run run(String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(root.resolve("jre/bin/java").toString()));
        for (String option : Files.readAllLines(root.resolve("app/java.options"))) {
            command.add(option.replace("/app/", root + "/app/"));
        }
        command.addAll(List.of(more));
        command.addAll(List.of(BOOT, "once"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), output);
    }

    private record Run(int code, String output) {}

    /** Waits for a word in what the program prints. */
    private record Lesson(Path log, String word) implements Training {

        @Override
        public List<String> arguments() {
            return List.of();
        }

        @Override
        public Map<String, String> environment() {
            return Map.of();
        }

        @Override
        public void exercise(BooleanSupplier alive) throws IOException, InterruptedException {
            for (int i = 0; i < 100; i++) {
                if (Files.exists(log) && Files.readString(log).contains(word)) {
                    return;
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
            throw new IOException("the program did not print \"" + word + "\"");
        }

        @Override
        public void close() {}
    }
}
