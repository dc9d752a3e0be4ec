package dev.reverb.image.build;

import dev.reverb.image.boot.ClassPathKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * {@code Assemble key=value…}: makes an image's root folder. Keys:
 * <pre>
 * root      the folder to make                        jars      folder of the class path, in order of the names
 * main      class to start                            training  server, operator or none
 * options   JVM options, separated by spaces          modules   Java modules found by name only, separated by commas
 * arch      amd64 or arm64; default: this machine's   without   Java modules to leave out though a jar names them
 * jmods     module folder of a JDK for arch           sysroot   root of a system for arch; both only for another arch
 * </pre>
 * Does nothing when the folder was made from the same jars with the same settings by the same JDK.
 */
public final class Assemble {

    private static final List<String> KEYS = List.of("root", "jars", "main", "training", "options", "modules",
            "without", "arch", "jmods", "sysroot");

    /** What Jib makes of every file's time. */
    private static final FileTime IN_IMAGES = FileTime.from(1, TimeUnit.SECONDS);

    private final Map<String, String> settings;
    private final Callable<Training> training;
    private final Path root;
    private final Architecture architecture;

    /**
     * The work of one image.
     *
     * @param training makes what exercises the program; called only when there is something to train
     */
    Assemble(Map<String, String> settings, Callable<Training> training) {
        this.settings = settings;
        this.training = training;
        this.root = Path.of(required("root")).toAbsolutePath();
        this.architecture = setting("arch").map(Architecture::parse).orElse(Architecture.host());
    }

    /**
     * Run by Maven.
     *
     * @param args {@code key=value}, see above
     * @throws Exception when the image cannot be made; its message says what to change
     */
    public static void main(String[] args) throws Exception {
        Map<String, String> settings = new TreeMap<>();
        for (String arg : args) {
            int equals = arg.indexOf('=');
            if (equals < 0 || !KEYS.contains(arg.substring(0, equals))) {
                throw new IllegalArgumentException("\"" + arg + "\" is not key=value with a key of " + KEYS);
            }
            settings.put(arg.substring(0, equals), arg.substring(equals + 1).strip());
        }
        new Assemble(settings, () -> training(settings.getOrDefault("training", ""))).run();
    }

    void run() throws Exception {
        List<Path> given = new ArrayList<>();
        for (Path jar : FileTree.find(Path.of(required("jars")), ".jar")) {
            if (!NativeLibraries.onlyForOthers(jar, architecture)) {
                given.add(jar);
            }
        }
        String key = ClassPathKey.of(given);
        Path stamp = root.resolveSibling(root.getFileName() + ".stamp");
        String identity = key + " " + System.getProperty("java.vm.version") + " " + settings + "\n"
                + given.stream().map(jar -> jar.getFileName().toString()).collect(Collectors.joining("\n"));
        if (Files.exists(stamp) && Files.readString(stamp).equals(identity)) {
            System.out.println(root + " is up to date (" + key + ")");
            return;
        }
        Files.deleteIfExists(stamp);
        FileTree.delete(root);
        Files.createDirectories(root.resolveSibling("classes")); // Jib insists on it, though the module has none

        Path library = Files.createDirectories(root.resolve("app/lib"));
        List<Path> jars = new ArrayList<>();
        for (Path jar : given) {
            Path copy = Files.copy(jar, library.resolve(jar.getFileName()));
            Files.setLastModifiedTime(copy, IN_IMAGES); // or the JVM takes no cache that was trained with it
            jars.add(copy);
        }
        Path natives = root.resolve("app/native");
        NativeLibraries.unpack(jars, architecture, natives);
        Path runtime = root.resolve("jre");
        var modules = JavaRuntime.modules(jars, list("modules"));
        list("without").forEach(modules::remove);
        JavaRuntime.link(modules, setting("jmods").map(Path::of), runtime);
        CLibrary.copy(architecture, Path.of(setting("sysroot").orElse("/")), runtime, natives, root);
        accounts();

        boolean trains = !setting("training").orElse("none").equals("none") && architecture == Architecture.host();
        if (trains) {
            try (Training lesson = training.call()) {
                Path cache = root.resolve("app/" + key + ".aot");
                AotCache.train(runtime.resolve("bin/java"), options(root, natives, jars, "any"), lesson, cache,
                        root.resolveSibling("training.log"));
            }
        }
        List<String> options = new ArrayList<>();
        if (trains) {
            options.add("-XX:AOTCache=/app/" + key + ".aot");
        }
        options.addAll(options(Path.of("/"), Path.of("/app/native"),
                jars.stream().map(jar -> Path.of("/app/lib").resolve(jar.getFileName())).toList(),
                trains ? key : "any"));
        Files.writeString(root.resolve("app/java.options"), String.join("\n", options) + "\n");
        Files.writeString(stamp, identity);
        System.out.println(root + ": " + modules.size() + " Java modules " + modules + ", " + jars.size() + " jars, "
                + (trains ? "AOT cache " + key : "no AOT cache"));
    }

    /** The same for training and image; only the folder differs. */
    private List<String> options(Path base, Path natives, List<Path> jars, String key) {
        List<String> options = new ArrayList<>(List.of(settings.getOrDefault("options", "").split("\\s+")));
        options.removeIf(String::isEmpty);
        options.add("-Djava.library.path=" + natives);
        options.add("-Djava.io.tmpdir=" + (base.equals(Path.of("/")) ? "/tmp" : System.getProperty("java.io.tmpdir")));
        options.add("-Dreverb.image.main=" + required("main"));
        options.add("-Dreverb.image.jars=" + key);
        options.add("-cp");
        options.add(jars.stream().map(Path::toString).collect(Collectors.joining(":")));
        return options;
    }

    /** The user that the image runs as, by name; and a place for temporary files where the root may be written. */
    private void accounts() throws IOException {
        Path etc = Files.createDirectories(root.resolve("etc"));
        Files.writeString(etc.resolve("passwd"), "root:x:0:0:root:/:/none\nreverb:x:65532:65532:reverb:/:/none\n");
        Files.writeString(etc.resolve("group"), "root:x:0:\nreverb:x:65532:\n");
        Files.createDirectories(root.resolve("tmp"));
    }

    private static Training training(String name) throws IOException {
        return switch (name) {
            case "server" -> new ServerTraining();
            case "operator" -> new OperatorTraining();
            default ->
                throw new IllegalArgumentException("training is \"" + name + "\"; allowed: server, operator, none");
        };
    }

    private Optional<String> setting(String key) {
        return Optional.ofNullable(settings.get(key)).filter(value -> !value.isEmpty());
    }

    private String required(String key) {
        return setting(key).orElseThrow(() -> new IllegalArgumentException(key + "=… is missing"));
    }

    private List<String> list(String key) {
        return setting(key).map(value -> List.of(value.split(",", -1))).orElse(List.of());
    }
}
