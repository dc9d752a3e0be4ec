package dev.reverb.image.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A Java runtime with only the modules that the jars use, as {@code jdeps} finds them, and those that are found by
 * name at
 * run time, which the caller adds.
 */
final class JavaRuntime {

    private JavaRuntime() {}

    /** The modules that these jars use. */
    static NavigableSet<String> modules(List<Path> jars, List<String> extra) {
        List<String> arguments = new ArrayList<>(
                List.of("--ignore-missing-deps", "--multi-release", "25", "--print-module-deps"));
        jars.forEach(jar -> arguments.add(jar.toString()));
        NavigableSet<String> modules = new TreeSet<>(
                Arrays.asList(Command.jdk("jdeps", arguments).strip().split(",", -1)));
        modules.addAll(extra);
        return modules;
    }

    /**
     * Links the runtime into a folder that must not exist.
     *
     * @param modulePath the {@code jmods} of another JDK, when the image is for another architecture; a JDK without
     *     that
     *     folder links from its own runtime
     */
    static void link(NavigableSet<String> modules, Optional<Path> modulePath, Path target) throws IOException {
        FileTree.delete(target);
        Files.createDirectories(target.getParent());
        List<String> arguments = new ArrayList<>();
        modulePath.ifPresent(path -> arguments.addAll(List.of("--module-path", path.toString())));
        arguments.addAll(List.of("--add-modules", String.join(",", modules), "--strip-java-debug-attributes",
                "--no-header-files", "--no-man-pages", "--output", target.toString()));
        Command.jdk("jlink", arguments);
    }
}
