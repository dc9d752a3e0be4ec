package dev.reverb.image.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The few files of the C library that the Java runtime and native code are linked with, at the paths where the loader
 * looks
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
     * @throws IllegalStateException when something is for another architecture, or needs a library that {@code
     *     system} has
     *     not; names both
     */
    static void copy(Architecture architecture, Path system, Path runtime, Path natives, Path root)
            throws IOException, InterruptedException {
        List<Path> binaries = new ArrayList<>(FileTree.find(runtime, ".so"));
        binaries.addAll(FileTree.find(natives, ".so"));
        binaries.add(runtime.resolve("bin/java"));
        binaries.add(runtime.resolve("lib/jspawnhelper"));
        boolean own = system.equals(Path.of("/"));
        Map<String, Path> libraries = own ? linked(binaries, runtime) : needed(binaries, architecture, system);
        for (Map.Entry<String, Path> library : libraries.entrySet()) {
            put(library.getValue(), root.resolve(library.getKey().substring(1)));
        }
        Path loader = Path.of(architecture.loader);
        put(own ? loader : find(system, architecture, loader.getFileName().toString()),
                root.resolve(architecture.loader.substring(1)));
    }

    private static Map<String, Path> linked(List<Path> binaries, Path runtime)
            throws IOException, InterruptedException {
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

    /**
     * For another architecture {@code ldd} cannot run: follows what the files name. Which libraries that are depends
     * on who
     * built the JDK; Debian's for example is linked with {@code libstdc++}, others are not.
     */
    private static Map<String, Path> needed(List<Path> binaries, Architecture architecture, Path system)
            throws IOException {
        Set<String> inside = binaries.stream().map(path -> path.getFileName().toString()).collect(Collectors.toSet());
        inside.add(Path.of(architecture.loader).getFileName().toString());
        Map<String, Path> libraries = new TreeMap<>();
        Deque<Path> open = new ArrayDeque<>(binaries);
        while (!open.isEmpty()) {
            Path binary = open.remove();
            ElfFile elf = ElfFile.read(binary)
                    .orElseThrow(() -> new IllegalStateException(binary + " is no program and no library"));
            if (elf.machine() != architecture.elfMachine) {
                throw new IllegalStateException(binary + " is for another architecture than image.arch="
                        + architecture.name().toLowerCase(Locale.ROOT)
                        + ": see what image.jmods and image.sysroot name");
            }
            for (String name : elf.needed()) {
                if (inside.add(name)) {
                    Path library;
                    try {
                        library = find(system, architecture, name);
                    } catch (IllegalStateException e) {
                        throw new IllegalStateException(e.getMessage() + ", needed by " + binary, e);
                    }
                    libraries.put("/lib/" + name, library);
                    open.add(library);
                }
            }
        }
        return libraries;
    }

    /**
     * A library by its name, in the folders where systems keep them; {@code /lib} may be a link to {@code /usr/lib},
     * or missing.
     */
    private static Path find(Path system, Architecture architecture, String name) {
        return Stream.of("lib", "usr/lib", "lib64", "usr/lib64")
                .flatMap(folder -> Stream.of(folder + "/" + architecture.debianFolder, folder))
                .map(folder -> system.resolve(folder).resolve(name))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("image.sysroot is " + system + ", which has no " + name));
    }

    private static void put(Path source, Path target) throws IOException {
        Files.createDirectories(target.getParent());
        // the file that a link names, under the link's own name
        Files.copy(source.toRealPath(), target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES,
                LinkOption.NOFOLLOW_LINKS);
    }
}
