package dev.reverb.image.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The few files of the C library that the Java runtime and native code are linked with, at the paths where the loader looks
 * for them. They make the image run on an empty base.
 */
final class CLibrary {

    private static final Pattern RESOLVED = Pattern.compile("=> (/\\S+)");

    private CLibrary() {}

    /**
     * Copies what every program and library below {@code runtime} and {@code natives} needs.
     *
     * @param system root of a system of the image's architecture: {@code /} for the machine's own
     * @param root the image's root
     */
    static void copy(Architecture architecture, Path system, Path runtime, Path natives, Path root)
            throws IOException, InterruptedException {
        Map<String, Path> libraries = system.equals(Path.of("/")) ? linked(runtime, natives) : named(system);
        for (Map.Entry<String, Path> library : libraries.entrySet()) {
            put(library.getValue(), root.resolve(library.getKey().substring(1)));
        }
        put(system.resolve(architecture.loader.substring(1)), root.resolve(architecture.loader.substring(1)));
    }

    private static Map<String, Path> linked(Path runtime, Path natives) throws IOException, InterruptedException {
        List<Path> binaries = new ArrayList<>(FileTree.find(runtime, ".so"));
        binaries.addAll(FileTree.find(natives, ".so"));
        binaries.add(runtime.resolve("bin/java"));
        binaries.add(runtime.resolve("lib/jspawnhelper"));
        Map<String, Path> libraries = new TreeMap<>();
        for (Path binary : binaries) {
            Matcher matcher = RESOLVED.matcher(Command.system("ldd", binary.toString()));
            while (matcher.find()) {
                if (!matcher.group(1).startsWith(runtime.toString())) {
                    libraries.put(matcher.group(1), Path.of(matcher.group(1)));
                }
            }
        }
        return libraries;
    }

    /** For another architecture {@code ldd} cannot run: the five libraries that OpenJDK's Linux builds are linked with. */
    private static Map<String, Path> named(Path system) throws IOException {
        List<String> names = List.of("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1",
                "libz.so.1");
        Map<String, Path> libraries = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(system.resolve("lib").toRealPath(), 2)) {
            paths.filter(path -> names.contains(path.getFileName().toString()) && Files.exists(path)).forEach(
                    path -> libraries.put("/lib/" + path.getFileName(), path));
        }
        if (!libraries.containsKey("/lib/libc.so.6")) {
            throw new IllegalStateException("image.sysroot is " + system + ", which has no lib/**/libc.so.6");
        }
        return libraries;
    }

    private static void put(Path source, Path target) throws IOException {
        Files.createDirectories(target.getParent());
        // the file that a link names, under the link's own name
        Files.copy(source.toRealPath(), target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES,
                LinkOption.NOFOLLOW_LINKS);
    }
}
